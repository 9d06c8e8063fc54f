using System.Collections.Frozen;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Notes what went wrong with an attempt that has ended, if anything did, and tells of it: the destination's breaker, where the attempt went beside it, and, as YARP's own
/// passive health checks would, the health policy that the configuration names.
/// </summary>
internal sealed class AttemptOutcome(IEnumerable<IPassiveHealthCheckPolicy> health)
{
    private readonly FrozenDictionary<string, IPassiveHealthCheckPolicy> _health = health.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Once for each attempt, before its timer is given back. Without a destination there is nothing to tell.</summary>
    public void Tell(HttpContext context, ForwardFeature forward)
    {
        if (forward.Guard is not { } guard)
        {
            return;
        }

        forward.Error = context.Features.Get<IForwarderErrorFeature>();
        if (forward.IsClientsSilence(forward.Error))
        {
            // RFC 9110 15.5.9.
            forward.IsClientSilent = true;
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status408RequestTimeout;
            }

            return;
        }

        if (forward is { Error.Error: ForwarderError.RequestBodyDestination, HeadLimit.IsPassed: true } && !context.Response.HasStarted)
        {
            // YARP, which knows nothing of that limit, takes a write that was given up for one that failed.
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
        }

        if (forward is { Error.Error: ForwarderError.RequestTimedOut, Timer.IsOverdue: true })
        {
            // It was this process that stood still.
            return;
        }

        var proxy = context.GetReverseProxyFeature();
        if (forward.IsBesideBreaker)
        {
            guard.Tell(forward.Error, hasOthers: proxy.Route.Cluster is { DestinationsState.AllDestinations.Count: > 1 });
        }

        // One that was refused here did not reach it, and says nothing of its health but to the breaker that refused it. One that was answered before all of its content was taken has not failed.
        if (forward is { Refusal: not null } or { Answered: true, Error.Error: ForwarderError.RequestBodyDestination }
            && proxy.Cluster?.Config.HealthCheck?.Passive?.Policy != BreakerHealthPolicy.PolicyName)
        {
            return;
        }

        if (proxy is { Cluster.Config.HealthCheck.Passive: { Enabled: true } passive, Route.Cluster: { } cluster, ProxiedDestination: { } destination })
        {
            _health[passive.Policy ?? HealthCheckConstants.PassivePolicy.TransportFailureRate].RequestProxied(context, cluster, destination);
        }
    }
}
