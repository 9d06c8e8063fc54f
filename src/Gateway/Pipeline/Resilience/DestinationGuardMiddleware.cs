using CacheGateway.Model;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>Every request to a destination goes through its guard. Stands between YARP's choice of the destination and its forwarder.</summary>
internal sealed class DestinationGuardMiddleware(RequestDelegate next, DestinationGuards guards, OriginLimits limits)
{
    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        // None: the forwarder says so itself. Several: nobody balanced them, and the forwarder must not choose past its guard.
        return proxy.AvailableDestinations switch
        {
            [] => next(context),
            [var only] => GuardAsync(context, proxy, only),
            var several => GuardAsync(context, proxy, several[Random.Shared.Next(several.Count)]),
        };
    }

    private async Task GuardAsync(HttpContext context, IReverseProxyFeature proxy, DestinationState destination)
    {
        if (proxy.AvailableDestinations.Count > 1)
        {
            proxy.AvailableDestinations = destination;
        }

        var forward = context.Features.Get<ForwardFeature>();
        var isEndless = forward?.IsEndless == true;
        if (!isEndless && AnswerTimes.Of(forward?.Policy, limits).Longest is var longest)
        {
            LongLived.Allow(context, longest);
        }

        var guard = guards.Of(destination);
        if (!isEndless && !guard.TryEnter())
        {
            Refuse(context, proxy, destination, Reason.OriginBusy);
            return;
        }

        try
        {
            if (!await guard.ForwardAsync(context, next))
            {
                Refuse(context, proxy, destination, Reason.OriginDown);
            }
        }
        finally
        {
            // A stream by its nature takes no place among the requests.
            if (!isEndless)
            {
                guard.Leave();
            }
        }
    }

    private static void Refuse(HttpContext context, IReverseProxyFeature proxy, DestinationState destination, Reason why)
    {
        // For the passive health checks around: this is the destination that was meant.
        proxy.ProxiedDestination = destination;
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        if (context.Features.Get<ForwardFeature>() is { } forward)
        {
            forward.Refusal = why;
        }
    }
}
