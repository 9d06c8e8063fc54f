using CacheGateway.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Sends a request once more when the connection failed before an answer began, within the budget; to another destination where there is one.
/// A request that a destination's guard refused (as many as it is given at once, or left alone), or that found no connection to it, was not sent at all, and goes to
/// another whatever its method and the budget. Stands before YARP chooses the destination, and ends each attempt (<see cref="AttemptOutcome"/>): one step around it is enough.
/// </summary>
internal sealed class RetryMiddleware(RequestDelegate next, OriginLimits limits, AttemptOutcome outcome, GatewayMetrics metrics, OriginFailureLog failures)
{
    private readonly RetryBudget _budget = new(limits.RetryPercent);

    public async Task InvokeAsync(HttpContext context)
    {
        _budget.Request();
        var forward = context.Features.GetRequiredFeature<ForwardFeature>();
        // What affinity keeps there of one destination would keep it from binding the client to another.
        object[]? items = context.GetReverseProxyFeature().Cluster.Config.SessionAffinity is { Enabled: true } ? [.. context.Items.Keys] : null;
        DestinationState[]? left = null;
        var isRetry = false;
        while (true)
        {
            var wasSent = forward.Sent;
            try
            {
                await next(context);
                outcome.Tell(context, forward);
            }
            finally
            {
                forward.EndAttempt();
            }

            if (WasNotSent(forward))
            {
                forward.Sent = wasSent;
                if (IsAwaited(context) && TurnToOthers(context, forward, items, ref left))
                {
                    continue;
                }
            }

            if (isRetry || !MayRetry(context, forward) || !_budget.TryTake())
            {
                return;
            }

            (isRetry, left) = (true, null);
            TurnOnceMore(context, forward, items);
        }
    }

    /// <summary>From one to the next of the other destinations while they are not sent it; false when there is none left.</summary>
    private bool TurnToOthers(HttpContext context, ForwardFeature forward, object[]? items, ref DestinationState[]? left)
    {
        var proxy = context.GetReverseProxyFeature();
        left = Others(proxy, left ?? Available(proxy));
        if (left.Length == 0)
        {
            return false;
        }

        if (forward.Refusal is null)
        {
            // Its client will not notice, so nobody else would say that a destination is away.
            metrics.OriginRetry();
            failures.Tell(context, OriginFailure.Of(context.Response.StatusCode, null, isMalformed: false).Reason);
        }

        TakeBack(context, forward, items);
        proxy.AvailableDestinations = left;
        return true;
    }

    /// <summary>To another destination than the last, where there is one.</summary>
    private void TurnOnceMore(HttpContext context, ForwardFeature forward, object[]? items)
    {
        metrics.OriginRetry();
        TakeBack(context, forward, items);
        var proxy = context.GetReverseProxyFeature();
        var available = Available(proxy);
        if (available.Count > 0)
        {
            proxy.AvailableDestinations = Others(proxy, available) is { Length: > 0 } others ? others : available;
        }
    }

    /// <summary>Nothing of it: a destination's guard refused it, or there was no connection and its content was left where it is.</summary>
    private static bool WasNotSent(ForwardFeature forward) =>
        forward.Refusal is not null || (forward is { Error: { } error, IsContentTaken: false } && RetryRule.IsNotConnected(error.Error, error.Exception));

    /// <summary>The client is there, and nothing of an answer has gone to it.</summary>
    private static bool IsAwaited(HttpContext context) => !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested;

    private static bool MayRetry(HttpContext context, ForwardFeature forward) =>
        forward is { Error: { } error, Answered: false } && IsAwaited(context)
        && RetryRule.MayRetry(context.Request.Method, RequestReader.HasContent(context), error.Error, error.Exception);

    /// <summary>The destinations as they are now: an attempt may have put its own out of use.</summary>
    private static IReadOnlyList<DestinationState> Available(IReverseProxyFeature proxy) => proxy.Route.Cluster?.DestinationsState.AvailableDestinations ?? [];

    private static DestinationState[] Others(IReverseProxyFeature proxy, IReadOnlyList<DestinationState> among) =>
        [.. among.Where(destination => destination != proxy.ProxiedDestination)];

    /// <summary>Takes back what the failed attempt left on the context.</summary>
    /// <param name="context">The client's own, or that of a fetch.</param>
    /// <param name="forward">What forwarding told.</param>
    /// <param name="items">The keys of the items that were there before; null where none are added.</param>
    private static void TakeBack(HttpContext context, ForwardFeature forward, object[]? items)
    {
        foreach (var item in items is null ? [] : context.Items.Keys.Except(items).ToArray())
        {
            context.Items.Remove(item);
        }

        context.Features.Set<IForwarderErrorFeature>(null);
        (forward.Error, forward.Refusal) = (null, null);
        AnswerHead.TakeBack(context.Response);
    }
}
