using System.Net;
using CacheGateway.Interim;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Makes the request of a fetch: everything it needs is copied, so that the client it was made from may leave at any moment. It never has
/// a body, carries no precondition and no range of a client, and names the resource exactly as the key does.
/// </summary>
internal static class DetachedContext
{
    private static readonly HashSet<string> NeverCopied = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.IfMatch, HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfUnmodifiedSince, HeaderNames.IfRange,
        HeaderNames.Range, HeaderNames.Expect, HeaderNames.ContentLength, HeaderNames.ContentType, HeaderNames.TransferEncoding,
        HeaderNames.Connection, HeaderNames.Upgrade, HeaderNames.KeepAlive, HeaderNames.TE, HeaderNames.Trailer, "Proxy-Connection", "HTTP2-Settings",
    };

    /// <summary>What is taken from the client's request, on its own thread, before the fetch starts.</summary>
    public static DetachedRequest Capture(HttpContext client, Fill fill, TagEpochs epochs)
    {
        var policy = fill.Policy;
        var request = client.Request;
        IHeaderDictionary headers = new HeaderDictionary(request.Headers.Count);
        var nominated = request.Headers.Connection is { Count: > 0 } connection ? ForwardTransforms.Tokens(connection).ToHashSet(StringComparer.OrdinalIgnoreCase) : null;
        foreach (var (name, values) in request.Headers)
        {
            if (!NeverCopied.Contains(name) && nominated?.Contains(name) != true)
            {
                headers[name] = values;
            }
        }

        headers.Host = request.Headers.Host;
        ForwardedFields.Keep(headers, policy, ForwardedFields.AffinityOf(client));
        AddValidators(headers, fill, epochs);
        var proxy = client.Features.Get<IReverseProxyFeature>();
        return new DetachedRequest
        {
            Headers = headers,
            Scheme = request.Scheme,
            Path = request.Path,
            PathBase = request.PathBase,
            Target = fill.Key.Resource.Target,
            Endpoint = client.GetEndpoint(),
            Route = proxy?.Route,
            Cluster = proxy?.Cluster,
            Destinations = proxy?.AllDestinations,
            Available = proxy?.AvailableDestinations,
            RemoteIp = client.Connection.RemoteIpAddress,
            RemotePort = client.Connection.RemotePort,
            LocalIp = client.Connection.LocalIpAddress,
            LocalPort = client.Connection.LocalPort,
        };
    }

    /// <summary>The context that YARP's pipeline runs on.</summary>
    public static HttpContext Create(DetachedRequest from, CachePolicy policy, ResponseCapture response, DetachedLifetime lifetime,
        IServiceScopeFactory scopes, Func<HttpContext, OriginResponse, ValueTask> onResponse, IInterimListener listener)
    {
        var query = from.Target.IndexOf('?', StringComparison.Ordinal);
        var features = new FeatureCollection(16);
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = "HTTP/1.1",
            Method = HttpMethods.Get,
            Scheme = from.Scheme,
            Path = from.Path,
            PathBase = from.PathBase,
            QueryString = query < 0 ? "" : from.Target[query..],
            RawTarget = from.Target,
            Headers = from.Headers,
            Body = Stream.Null,
        });
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpRequestLifetimeFeature>(lifetime);
        features.Set<IHttpRequestBodyDetectionFeature>(NoBody.Instance);
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            ConnectionId = "fill",
            RemoteIpAddress = from.RemoteIp,
            RemotePort = from.RemotePort,
            LocalIpAddress = from.LocalIp,
            LocalPort = from.LocalPort,
        });
        features.Set(new ForwardFeature { Target = from.Target, Policy = policy, OnResponse = onResponse, Listener = listener });
        if (from.Route is not null)
        {
            features.Set<IReverseProxyFeature>(new ReverseProxyFeature
            {
                Route = from.Route,
                Cluster = from.Cluster!,
                AllDestinations = from.Destinations!,
                AvailableDestinations = from.Available!,
            });
        }

        var context = new DefaultHttpContext(features) { ServiceScopeFactory = scopes };
        context.SetEndpoint(from.Endpoint);
        return context;
    }

    private static void AddValidators(IHeaderDictionary headers, Fill fill, TagEpochs epochs)
    {
        if (fill.Validating is not { } validating)
        {
            return;
        }

        // RFC 9111 4.3.1: all validators that the origin itself gave.
        if (validating.ETag is { } etag && !validating.ETagGenerated)
        {
            headers.IfNoneMatch = etag;
        }

        if (validating.Header(HeaderNames.LastModified) is { } modified
            && ((epochs.IsTrustedFor(fill.Policy) && epochs.Check(validating) == Liveness.Alive) || HasStrongDate(validating)))
        {
            headers.IfModifiedSince = modified;
        }
    }

    /// <summary>
    /// After an invalidation, or where one may have been missed, a date proves something only where it could not have been the same before and after the change: RFC 9110 8.8.2.2,
    /// with the minute between Last-Modified and Date that its predecessor asked for.
    /// </summary>
    private static bool HasStrongDate(StoredResponse stored) => stored.LastModified is { } modified && stored.Date - modified >= TimeSpan.FromMinutes(1);

    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public static readonly NoBody Instance = new();

        public bool CanHaveBody => false;
    }
}

/// <summary>The copied request of a fetch; belongs to the fetch alone.</summary>
internal sealed record DetachedRequest
{
    public required IHeaderDictionary Headers { get; init; }

    public required string Scheme { get; init; }

    public required PathString Path { get; init; }

    public required PathString PathBase { get; init; }

    public required string Target { get; init; }

    public Endpoint? Endpoint { get; init; }

    public RouteModel? Route { get; init; }

    public ClusterModel? Cluster { get; init; }

    public IReadOnlyList<DestinationState>? Destinations { get; init; }

    public IReadOnlyList<DestinationState>? Available { get; init; }

    public IPAddress? RemoteIp { get; init; }

    public int RemotePort { get; init; }

    public IPAddress? LocalIp { get; init; }

    public int LocalPort { get; init; }
}

/// <summary>The lifetime of a fetch: ends by its own cancellation or when YARP aborts because the origin's body was cut.</summary>
internal sealed class DetachedLifetime(CancellationToken cancelled) : IHttpRequestLifetimeFeature
{
    public CancellationToken RequestAborted { get; set; } = cancelled;

    /// <summary>YARP gave up on a response that had already started.</summary>
    public bool WasAborted { get; private set; }

    public void Abort() => WasAborted = true;
}
