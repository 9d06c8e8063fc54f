using Yarp.ReverseProxy.Configuration;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>Clusters that say nothing about passive health checks get those of the breaker; what a configuration says stays.</summary>
internal sealed class BreakerHealthFilter : IProxyConfigFilter
{
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return ValueTask.FromResult(cluster.HealthCheck?.Passive is not null ? cluster : cluster with
        {
            HealthCheck = (cluster.HealthCheck ?? new HealthCheckConfig()) with
            {
                Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = BreakerHealthPolicy.PolicyName },
            },
        });
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => ValueTask.FromResult(route);
}
