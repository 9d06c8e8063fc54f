using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Operations.Explaining;

/// <summary>Gives a request that nobody sent the route it would have, which is part of its key.</summary>
internal sealed class RouteFinder(IProxyStateLookup proxy)
{
    /// <summary>The name of the route; null when it cannot be told without sending the request.</summary>
    public string? Find(HttpContext context)
    {
        var routes = proxy.GetRoutes().ToArray();
        if (routes is not [{ Cluster: { } cluster } route])
        {
            return null;
        }

        context.Features.Set<IReverseProxyFeature>(new ReverseProxyFeature
        {
            Route = route,
            Cluster = cluster.Model,
            AllDestinations = cluster.DestinationsState.AllDestinations,
            AvailableDestinations = cluster.DestinationsState.AvailableDestinations,
        });
        return route.Config.RouteId;
    }
}
