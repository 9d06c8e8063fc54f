using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// The request of a fetch: everything it needs is copied, so that the client it was made from may leave at any moment. It never has a body, and names the
/// resource exactly as the key does. One object is all features that every fetch has, so that a miss does not pay for a collection and each of them; what
/// the pipeline sets beyond them is in a short list, and hides what was here. Belongs to the fetch alone.
/// </summary>
internal sealed class DetachedRequest : ReverseProxyFeature, IFeatureCollection, IHttpRequestFeature, IHttpConnectionFeature, IHttpRequestLifetimeFeature,
    IHttpRequestBodyDetectionFeature, IEndpointFeature, IRouteValuesFeature
{
    private readonly List<KeyValuePair<Type, object?>> _set = [];
    private ResponseCapture? _response;
    private ForwardFeature? _forward;

    /// <param name="client">Whose request it is copied from, on its own thread.</param>
    /// <param name="target">Path and query as the key has them.</param>
    /// <param name="headers">The fields to send; the fetch's own.</param>
    public DetachedRequest(HttpContext client, string target, IHeaderDictionary headers)
    {
        var request = client.Request;
        (Scheme, Path, PathBase, RawTarget, Headers) = (request.Scheme, request.Path.Value ?? "", request.PathBase.Value ?? "", target, headers);
        QueryString = TargetParts.Query(target).ToString();
        if (client.Features.Get<IHttpConnectionFeature>() is { } connection)
        {
            (RemoteIpAddress, RemotePort) = (connection.RemoteIpAddress, connection.RemotePort);
            (LocalIpAddress, LocalPort) = (connection.LocalIpAddress, connection.LocalPort);
        }

        Endpoint = client.GetEndpoint();
        // What the route bound in the path: transforms make the origin's target of it. The server uses the client's own again for its next request.
        RouteValues = client.Features.Get<IRouteValuesFeature>()?.RouteValues is { Count: > 0 } bound ? new RouteValueDictionary(bound) : null;
        if (client.Features.Get<IReverseProxyFeature>() is { } proxy)
        {
            (Route, Cluster, AllDestinations, AvailableDestinations) = (proxy.Route, proxy.Cluster, proxy.AllDestinations, proxy.AvailableDestinations);
        }
        else
        {
            Set<IReverseProxyFeature>(null);
        }
    }

    public bool IsReadOnly => false;

    /// <summary>Counts what was set: who keeps a feature at hand sees by it that there may be another.</summary>
    public int Revision { get; private set; }

    public string Protocol { get; set; } = HttpProtocol.Http11;

    public string Scheme { get; set; }

    public string Method { get; set; } = HttpMethods.Get;

    public string PathBase { get; set; }

    public string Path { get; set; }

    public string QueryString { get; set; }

    public string RawTarget { get; set; }

    public IHeaderDictionary Headers { get; set; }

    public Stream Body { get; set; } = Stream.Null;

    public bool CanHaveBody => false;

    public string ConnectionId { get; set; } = "fill";

    public IPAddress? RemoteIpAddress { get; set; }

    public int RemotePort { get; set; }

    public IPAddress? LocalIpAddress { get; set; }

    public int LocalPort { get; set; }

    public Endpoint? Endpoint { get; set; }

    [AllowNull]
    public RouteValueDictionary RouteValues
    {
        get => field ??= [];
        set;
    }

    public CancellationToken RequestAborted { get; set; }

    /// <summary>YARP gave up on a response that had already started, because the origin's body was cut.</summary>
    public bool WasAborted { get; private set; }

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            return WasSet(key, out var feature) ? feature
                : key.IsInstanceOfType(_forward) ? _forward
                : key.IsInstanceOfType(this) ? this
                : key.IsInstanceOfType(_response) ? _response : null;
        }
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Put(key, value);
        }
    }

    public void Abort() => WasAborted = true;

    /// <summary>Before the pipeline runs on it.</summary>
    public void Begin(ResponseCapture response, ForwardFeature forward, CancellationToken cancelled)
    {
        (_response, _forward, RequestAborted) = (response, forward, cancelled);
        Revision++;
    }

    public TFeature? Get<TFeature>()
    {
        if (_set.Count > 0 && WasSet(typeof(TFeature), out var feature))
        {
            return (TFeature?)feature;
        }

        return _forward is TFeature forward ? forward : this is TFeature own ? own : _response is TFeature captured ? captured : default;
    }

    public void Set<TFeature>(TFeature? instance) => Put(typeof(TFeature), instance);

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => throw new NotSupportedException("Features of a fetch are asked for by their type.");

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool WasSet(Type key, out object? feature)
    {
        foreach (var (type, value) in _set)
        {
            if (type == key)
            {
                feature = value;
                return true;
            }
        }

        feature = null;
        return false;
    }

    private void Put(Type key, object? feature)
    {
        Revision++;
        var entry = KeyValuePair.Create(key, feature);
        var at = _set.FindIndex(other => other.Key == key);
        if (at < 0)
        {
            _set.Add(entry);
        }
        else
        {
            _set[at] = entry;
        }
    }
}
