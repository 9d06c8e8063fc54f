using System.Collections.Frozen;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Every request to a destination goes through its guard. Stands between YARP's choice of the destination and its forwarder, and does what YARP's own passive
/// health checks would do one step before it: the policy that the configuration names hears how a request ended.
/// </summary>
internal sealed class DestinationGuardMiddleware(
    RequestDelegate next, DestinationGuards guards, OriginLimits limits, IEnumerable<IPassiveHealthCheckPolicy> health)
{
    private readonly FrozenDictionary<string, IPassiveHealthCheckPolicy> _health = health.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

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

        var forward = context.Features.GetRequiredFeature<ForwardFeature>();
        // A stream by its nature has no time limit and takes no place among the requests.
        var isEndless = forward.IsEndless;
        forward.HasContent = RequestReader.HasContent(context);
        if (!isEndless)
        {
            var times = AnswerTimes.Of(forward.Policy, limits);
            forward.Times = times;
            if (forward.HasContent)
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
        if (!isEndless && !guard.Places.TryEnter(forward.HasContent))
        {
            Refuse(context, proxy, destination, Reason.OriginBusy);
            TellHealth(context, proxy);
            return;
        }

        forward.Place = isEndless ? null : guard.Places;
        var wasStopped = false;
        try
        {
            var isBeside = guard.IsClosed;
            if (isBeside)
            {
                await next(context);
            }
            else if (!await guard.ForwardAsync(context, forward, next))
            {
                Refuse(context, proxy, destination, Reason.OriginDown);
            }

            forward.Error = context.Features.Get<IForwarderErrorFeature>();
            wasStopped = forward is { Error.Error: ForwarderError.RequestTimedOut, Timer.IsOverdue: true };
            if (isBeside && !wasStopped)
            {
                guard.Tell(forward.Error, hasOthers: proxy.Route.Cluster is { DestinationsState.AllDestinations.Count: > 1 });
            }
        }
        finally
        {
            forward.LeavePlace();
            if (!isEndless)
            {
                forward.Timer?.Dispose();
                forward.Timer = null;
            }
        }

        if (!wasStopped)
        {
            TellHealth(context, proxy);
        }
    }

    private void TellHealth(HttpContext context, IReverseProxyFeature proxy)
    {
        if (proxy is { Cluster.Config.HealthCheck.Passive: { Enabled: true } passive, Route.Cluster: { } cluster, ProxiedDestination: { } destination })
        {
            _health[passive.Policy ?? HealthCheckConstants.PassivePolicy.TransportFailureRate].RequestProxied(context, cluster, destination);
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
