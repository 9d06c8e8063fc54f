using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Every request to a destination goes through its guard. Stands between YARP's choice of the destination and its forwarder; what becomes of the request is told,
/// and its place given back, where its attempt ends: it works only behind <see cref="RetryMiddleware"/>.
/// </summary>
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

    private Task GuardAsync(HttpContext context, IReverseProxyFeature proxy, DestinationState destination)
    {
        if (proxy.AvailableDestinations.Count > 1)
        {
            proxy.AvailableDestinations = destination;
        }

        var forward = context.Features.GetRequiredFeature<ForwardFeature>();
        // A stream by its nature has no time limit and takes no place among the requests.
        var isEndless = forward.IsEndless;
        forward.HasContent = RequestReader.HasContent(context);
        if (!isEndless)
        {
            var times = AnswerTimes.Of(forward.TimedBy, limits);
            forward.Times = times;
            forward.MayBeEvents = forward.HasContent && RequestReader.IsEventStream(context.Request.Headers);
            if (forward.HasContent && !forward.MayBeEvents)
            {
                LongLived.Allow(proxy, times.Longest);
            }
            else
            {
                // All that the origin may take is measured by the gateway; YARP's own limit counts the time of a client that reads slowly as well.
                LongLived.Lift(proxy);
            }
        }

        var guard = guards.Of(destination);
        forward.Guard = guard;
        if (!isEndless && !guard.Places.TryEnter(forward.HasContent))
        {
            Refuse(context, proxy, destination, Reason.OriginBusy);
            return Task.CompletedTask;
        }

        forward.Place = isEndless ? null : guard.Places;
        forward.IsBesideBreaker = guard.IsClosed;
        return forward.IsBesideBreaker ? next(context) : ForwardAsync(context, forward, proxy, destination, guard);
    }

    private async Task ForwardAsync(HttpContext context, ForwardFeature forward, IReverseProxyFeature proxy, DestinationState destination, DestinationGuard guard)
    {
        if (!await guard.ForwardAsync(context, forward, next))
        {
            Refuse(context, proxy, destination, Reason.OriginDown);
        }
    }

    private static void Refuse(HttpContext context, IReverseProxyFeature proxy, DestinationState destination, Reason why)
    {
        // For the passive health checks: this is the destination that was meant.
        proxy.ProxiedDestination = destination;
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Features.GetRequiredFeature<ForwardFeature>().Refusal = why;
    }
}
