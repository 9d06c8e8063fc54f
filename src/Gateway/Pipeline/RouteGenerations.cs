using Microsoft.Extensions.Primitives;

namespace CacheGateway.Pipeline;

/// <summary>The proxy's endpoints, each with the <see cref="RouteGeneration"/> that it belongs to.</summary>
internal sealed class RouteGenerations : EndpointDataSource
{
    private readonly EndpointDataSource _inner;
    private State _state;

    public RouteGenerations(EndpointDataSource inner)
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
            Endpoints = [.. endpoints.Select(endpoint => WithGeneration((RouteEndpoint)endpoint))];
            Changed = new CancellationChangeToken(Source.Token);
        }

        public CancellationTokenSource Source { get; } = new();

        public RouteGeneration Generation { get; }

        public IReadOnlyList<Endpoint> Endpoints { get; }

        public IChangeToken Changed { get; }

        private RouteEndpoint WithGeneration(RouteEndpoint endpoint) => new(
            endpoint.RequestDelegate!, endpoint.RoutePattern, endpoint.Order, new EndpointMetadataCollection([.. endpoint.Metadata, Generation]), endpoint.DisplayName);
    }
}
