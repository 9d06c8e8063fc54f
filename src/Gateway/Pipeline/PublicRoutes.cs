using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// The route table for requests that no listener took: those of warming, and those that are only explained. Hosting puts the pipeline's two ends
/// in when it maps it: what finds the route, and what forwards. Such a request goes where the same request of a client would, and nowhere else.
/// </summary>
internal sealed class PublicRoutes
{
    private RequestDelegate? _find;
    private RequestDelegate? _forward;

    /// <summary>YARP's part of the pipeline behind the cache.</summary>
    /// <exception cref="InvalidOperationException">Before the pipeline is mapped.</exception>
    public RequestDelegate Forward => _forward ?? throw new InvalidOperationException("The pipeline is not mapped yet.");

    /// <summary>Notes what comes behind the cache and leaves it as it is.</summary>
    public RequestDelegate TakeForward(RequestDelegate next) => _forward = next;

    public void TakeFind(RequestDelegate find) => _find = find;

    /// <summary>Behind the routing: notes the route as YARP's own first step does.</summary>
    public static Task NoteRoute(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is { Cluster: { } cluster } route)
        {
            var destinations = cluster.DestinationsState;
            context.Features.Set<IReverseProxyFeature>(new ReverseProxyFeature
            {
                Route = route,
                Cluster = cluster.Model,
                AllDestinations = destinations.AllDestinations,
                AvailableDestinations = destinations.AvailableDestinations,
            });
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether a route takes the request; its features then say which.</summary>
    public async Task<bool> TryFindAsync(HttpContext context)
    {
        await (_find ?? throw new InvalidOperationException("The pipeline is not mapped yet."))(context);
        return context.Features.Get<IReverseProxyFeature>() is not null;
    }
}
