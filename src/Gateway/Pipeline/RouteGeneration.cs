using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// One state of the proxy's routes. Every endpoint of that state carries it, so a request knows by which state it was routed, whenever the
/// routes change.
/// </summary>
internal sealed class RouteGeneration(IReadOnlyList<Endpoint> endpoints)
{
    /// <summary>
    /// Whether a route is chosen by scheme, authority, path, query and method alone; a condition on a header may prefer another route for the
    /// same URL.
    /// </summary>
    public bool IsByUrl { get; } = endpoints.All(endpoint =>
        endpoint.Metadata.GetMetadata<RouteModel>() is { } route && route.Config.Match.Headers is null or { Count: 0 });

    /// <summary>Whether the path has a say in which route is chosen: one of them does not take every path.</summary>
    public bool IsByPath { get; } = endpoints.Any(endpoint =>
        endpoint is not RouteEndpoint { RoutePattern.PathSegments: [{ Parts: [RoutePatternParameterPart { IsCatchAll: true, ParameterPolicies.Count: 0 }] }] });

    /// <summary>Whether nothing of a route's own (authorization) has to happen between routing and the cache.</summary>
    public static bool IsFree(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<RouteModel>() is { Config.AuthorizationPolicy: null };
}
