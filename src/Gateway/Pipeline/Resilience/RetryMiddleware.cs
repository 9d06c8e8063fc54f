using CacheGateway.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Polly;
using Polly.Retry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Sends a request once more when the connection failed before an answer began, within the budget; to another destination where there is one.
/// A request that a destination's guard refused (as many as it is given at once, or left alone) was not sent at all, and goes to another whatever it is.
/// Stands before YARP chooses the destination. The first attempt is made outside of Polly's pipeline and told to it only when it failed: nearly
/// all need no other, and shall not pay for it.
/// </summary>
internal sealed class RetryMiddleware
{
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
            })
            .Build();
    }

    public async Task InvokeAsync(HttpContext context)
    {
        _budget.Request();
        var forward = context.Features.GetRequiredFeature<ForwardFeature>();
        await _next(context);
        for (var left = forward.Refusal is null ? [] : Others(context); left.Length > 0; left = forward.Refusal is null ? [] : Others(context, left))
        {
            forward.Refusal = null;
            TakeBack(context, forward, left);
            await _next(context);
        }

        if (MayRetry(context, forward))
        {
            await _pipeline.ExecuteAsync(static (attempts, _) => attempts.NextAsync(), new Attempts(this, context, forward), CancellationToken.None);
        }
    }

    private static bool MayRetry(HttpContext context, ForwardFeature forward) =>
        forward is { Error: { } error, Answered: false } && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && RetryRule.MayRetry(context.Request.Method, RequestReader.HasContent(context), error.Error, error.Exception);

    /// <summary>The destinations there are beside the one that was tried, as they are now: the attempt may have put its own out of use.</summary>
    private static DestinationState[] Others(HttpContext context) =>
        context.Features.Get<IReverseProxyFeature>() is { Route.Cluster.DestinationsState.AvailableDestinations: { Count: > 0 } available }
            ? Others(context, available)
            : [];

    private static DestinationState[] Others(HttpContext context, IReadOnlyList<DestinationState> among)
    {
        var tried = context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination;
        return [.. among.Where(destination => destination != tried)];
    }

    /// <summary>Takes back what the failed attempt left on the context; the next goes to one of <paramref name="others"/>, or where there are none to any.</summary>
    private static void TakeBack(HttpContext context, ForwardFeature forward, DestinationState[] others)
    {
        context.Features.Set<IForwarderErrorFeature>(null);
        forward.Error = null;
        context.Response.StatusCode = StatusCodes.Status200OK;
        // The cookie of session affinity, for one.
        context.Response.Headers.Clear();
        if (context.Features.Get<IReverseProxyFeature>() is { } proxy && (others.Length > 0 || proxy.Route.Cluster?.DestinationsState.AvailableDestinations.Count > 0))
        {
            proxy.AvailableDestinations = others.Length > 0 ? others : proxy.Route.Cluster!.DestinationsState.AvailableDestinations;
        }
    }

    /// <summary>The attempts of one request, of which the first has failed already.</summary>
    private sealed class Attempts(RetryMiddleware owner, HttpContext context, ForwardFeature forward)
    {
        private bool _isFirstTold;

        /// <summary>Tells of the first attempt, then makes the next; true = it may be made once more.</summary>
        public async ValueTask<bool> NextAsync()
        {
            if (!_isFirstTold)
            {
                _isFirstTold = true;
                return true;
            }

            owner._metrics.OriginRetry();
            TakeBack(context, forward, Others(context));
            await owner._next(context);
            return MayRetry(context, forward);
        }
    }
}
