using CacheGateway.Diagnostics;
using Polly;
using Polly.Retry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Sends a request once more when the connection failed before an answer began, within the budget; to another destination where there is one.
/// Stands before YARP chooses the destination.
/// </summary>
internal sealed class RetryMiddleware
{
    private static readonly ResiliencePropertyKey<HttpContext> Http = new("http");
    private static readonly ResiliencePropertyKey<IReadOnlyList<DestinationState>?> Available = new("available");

    private readonly RequestDelegate _next;
    private readonly RetryBudget _budget;
    private readonly GatewayMetrics _metrics;
    private readonly ResiliencePipeline<bool> _pipeline;

    public RetryMiddleware(RequestDelegate next, OriginLimits limits, GatewayMetrics metrics)
    {
        _next = next;
        _metrics = metrics;
        _budget = new RetryBudget(limits.RetryPercent);
        // The outcome of an attempt is whether it may be made once more.
        _pipeline = new ResiliencePipelineBuilder<bool>()
            .AddRetry(new RetryStrategyOptions<bool>
            {
                MaxRetryAttempts = 1,
                Delay = TimeSpan.Zero,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Result && _budget.TryTake()),
                OnRetry = OnRetry,
            })
            .Build();
    }

    public async Task InvokeAsync(HttpContext context)
    {
        _budget.Request();
        var resilience = ResilienceContextPool.Shared.Get();
        resilience.Properties.Set(Http, context);
        resilience.Properties.Set(Available, context.Features.Get<IReverseProxyFeature>()?.AvailableDestinations);
        try
        {
            await _pipeline.ExecuteAsync(static async (call, next) =>
            {
                var http = call.Properties.GetValue(Http, null!);
                await next(http);
                return MayRetry(http);
            }, resilience, _next);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(resilience);
        }
    }

    private static bool MayRetry(HttpContext context)
    {
        var error = context.Features.Get<IForwarderErrorFeature>();
        return error is not null && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
            && context.Features.Get<ForwardFeature>() is not { Answered: true }
            && RetryRule.MayRetry(context.Request.Method, RequestReader.HasContent(context), error.Error, error.Exception);
    }

    /// <summary>Takes back what the failed attempt left on the context.</summary>
    private ValueTask OnRetry(OnRetryArguments<bool> attempt)
    {
        var context = attempt.Context.Properties.GetValue(Http, null!);
        _metrics.OriginRetry();
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK;
        // The cookie of session affinity, for one.
        context.Response.Headers.Clear();
        if (context.Features.Get<IReverseProxyFeature>() is { } proxy && attempt.Context.Properties.GetValue(Available, null) is { Count: > 1 } available)
        {
            var others = available.Where(destination => destination != proxy.ProxiedDestination).ToArray();
            proxy.AvailableDestinations = others.Length > 0 ? others : available;
        }

        return ValueTask.CompletedTask;
    }
}
