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

        if (await guards.Of(destination).ForwardAsync(context, next, isEndless) is not { } refusal)
        {
            return;
        }

        // For the passive health checks around: this is the destination that was meant.
        proxy.ProxiedDestination = destination;
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        if (forward is not null)
        {
            forward.Refusal = refusal;
        }
    }
}
