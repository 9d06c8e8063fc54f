using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Primitives;
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

/// <summary>The proxy's endpoints, each with the <see cref="RouteGeneration"/> that it belongs to.</summary>
internal sealed class NumberedRoutes : EndpointDataSource
{
    private readonly EndpointDataSource _inner;
    private State _state;

    public NumberedRoutes(EndpointDataSource inner)
    {
        _inner = inner;
        _state = new State(inner.Endpoints);
        ChangeToken.OnChange(inner.GetChangeToken, Renew);
    }

    public RouteGeneration Generation => Volatile.Read(ref _state).Generation;

    public override IReadOnlyList<Endpoint> Endpoints => Volatile.Read(ref _state).Endpoints;

    public override IChangeToken GetChangeToken() => Volatile.Read(ref _state).Changed;

    private void Renew()
    {
        var old = Interlocked.Exchange(ref _state, new State(_inner.Endpoints));
        old.Source.Cancel();
    }

    private sealed class State
    {
        public State(IReadOnlyList<Endpoint> endpoints)
        {
            Generation = new RouteGeneration(endpoints);
            Endpoints = [.. endpoints.Select(endpoint => Numbered((RouteEndpoint)endpoint))];
            Changed = new CancellationChangeToken(Source.Token);
        }

        public CancellationTokenSource Source { get; } = new();

        public RouteGeneration Generation { get; }

        public IReadOnlyList<Endpoint> Endpoints { get; }

        public IChangeToken Changed { get; }

        private RouteEndpoint Numbered(RouteEndpoint endpoint) => new(
            endpoint.RequestDelegate!, endpoint.RoutePattern, endpoint.Order, new EndpointMetadataCollection([.. endpoint.Metadata, Generation]), endpoint.DisplayName);
    }
}
