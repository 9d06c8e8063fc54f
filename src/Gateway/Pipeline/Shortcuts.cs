using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Which plain requests may skip routing and matching. A stored response gets a <see cref="Shortcut"/> when a plain request went the whole way and
/// came to it; a new state of routes or policies ends all of them at once.
/// </summary>
internal sealed class Shortcuts(IPolicySource policies, TieredStore store)
{
    private State? _current;

    /// <summary>The proxy's routes; set when they are mapped. Without them nothing is cut short.</summary>
    public RouteGenerations? Routes { get; set; }

    /// <summary>The state of routes and policies; null when requests with the same URL may be routed differently.</summary>
    public object? Generation => Current?.Token;

    /// <summary>
    /// Nothing that a route, a policy, a key or the fence between identities would look at. What is left (preconditions, ranges, directives, selecting
    /// fields) is judged against the stored response as for every request.
    /// </summary>
    public static bool IsPlain(HttpContext context, IHttpRequestFeature request)
    {
        var headers = request.Headers;
        return request.Method == "GET"
            && headers.Authorization.Count == 0
            && headers.Cookie.Count == 0
            && headers.Host.Count == 1
            && headers.ContentLength is null
            && headers.TransferEncoding.Count == 0
            // Without these two HTTP/1.1 has no content; in other versions only the server knows.
            && (request.Protocol == "HTTP/1.1" || context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            && (headers.Connection.Count == 0 || string.Equals(headers.Connection, "keep-alive", StringComparison.OrdinalIgnoreCase))
            && headers.Upgrade.Count == 0
            && !RequestReader.IsEventStream(headers)
            && !RequestReader.HasCredentials(headers);
    }

    /// <summary>Gives the stored response of a request that went the whole way a shortcut, where one is possible.</summary>
    public void Keep(CacheRequest request)
    {
        var resource = request.Key.Resource;
        var context = request.Context;
        var endpoint = context.GetEndpoint();
        if (Current is { } state && ReferenceEquals(state.Table, request.Table)
            && context.Features.Get<IHttpRequestFeature>() is { } server && IsPlain(context, server)
            && ReferenceEquals(endpoint?.Metadata.GetMetadata<RouteGeneration>(), state.Routes) && RouteGeneration.IsFree(endpoint)
            && server.RawTarget == resource.Target
            && server.Headers.Host[0] == resource.Authority
            && IsByUrl(request.Policy, request.Table, resource))
        {
            store.Shorten(request.Key.Text, state.For(request.Policy));
        }
    }

    private State? Current
    {
        get
        {
            var state = Volatile.Read(ref _current);
            var table = policies.Current;
            var routes = Routes?.Generation;
            if (routes is null || !routes.IsByUrl)
            {
                return null;
            }

            if (state is null || !ReferenceEquals(state.Table, table) || !ReferenceEquals(state.Routes, routes))
            {
                // Two at once make two; the one that is overwritten is merely never found again.
                state = new State(table, routes);
                Volatile.Write(ref _current, state);
            }

            return state;
        }
    }

    /// <summary>The key has no part that is not in the URL, and no policy with a condition on a header might have taken the request instead.</summary>
    private static bool IsByUrl(CachePolicy policy, CachePolicyTable table, ResourceId resource) =>
        policy.Key is { Headers.Count: 0, Cookies.Count: 0, Identity: not IdentityRule.Claim }
        // In another spelling too: what such a policy would take then is not keyed at all (IsTakenOtherwise).
        && !table.Policies.Any(other => other.Match.Headers.Count > 0 && (other.Match.Path is not { } path || path.IsMatch(resource.Path) || IsNear(path.Folded(), PathSpelling.Fold(resource.Path))));

    private static bool IsNear(PathTemplate template, string path) => template.IsMatch(path) || template.IsMatch(path + "/") || template.IsMatch(path.TrimEnd('/'));

    private sealed class State(CachePolicyTable table, RouteGeneration routes)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<CachePolicy, Shortcut> _shortcuts = new(ReferenceEqualityComparer.Instance);

        public CachePolicyTable Table => table;

        public RouteGeneration Routes => routes;

        /// <summary>Stands for this state in shortcuts: an entry that nobody asks for any more keeps its own, and must not keep a whole table with it.</summary>
        public object Token { get; } = new();

        /// <summary>One for all entries of a policy.</summary>
        public Shortcut For(CachePolicy policy) => _shortcuts.GetOrAdd(policy, static (key, token) => new Shortcut(token, key), Token);
    }
}
