using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Tells YARP what the breaker of a destination found, so that requests go to others while it is left alone. YARP takes it back among the
/// others after the same pause, and the breaker lets the first request try it.
/// </summary>
internal sealed class BreakerHealthPolicy(DestinationGuards guards, OriginLimits limits, IDestinationHealthUpdater health) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "CircuitBreaker";

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        var isOpen = guards.Of(destination).IsOpen;
        if (isOpen != (destination.Health.Passive == DestinationHealth.Unhealthy))
        {
            health.SetPassive(cluster, destination, isOpen ? DestinationHealth.Unhealthy : DestinationHealth.Healthy, limits.BreakerPause);
        }
    }
}
