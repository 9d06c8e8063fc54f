using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>Connections that may be silent for long by their nature: WebSockets, server-sent events, gRPC streams.</summary>
internal static class LongLived
{
    private static readonly TimeSpan Silence = TimeSpan.FromDays(1);

    /// <summary>Clusters as they are with that limit; each is made once, and goes when YARP forgets the cluster.</summary>
    private static readonly ConditionalWeakTable<ClusterModel, ClusterModel> Lifted = [];

    /// <summary>
    /// The cluster's limit on silence is for answers that end; a request for one that has none gets a day. What it asks for says so, not why it passes:
    /// with caching off nobody looks at it, and a write may ask for events too.
    /// </summary>
    public static void LiftTimeout(HttpContext context)
    {
        if (!IsAskedFor(context))
        {
            return;
        }

        if (context.Features.Get<ForwardFeature>() is { } forward)
        {
            forward.IsEndless = true;
        }

        if (context.Features.Get<IReverseProxyFeature>() is { } proxy)
        {
            Lift(proxy);
        }
    }

    /// <summary>Gives this request a day of silence instead of the cluster's limit.</summary>
    public static void Lift(IReverseProxyFeature feature)
    {
        if (feature is ReverseProxyFeature { Cluster: { } cluster } proxy && LimitOf(cluster) < Silence)
        {
            proxy.Cluster = Lifted.GetValue(cluster, static cluster => With(cluster, Silence));
        }
    }

    /// <summary>Raises the cluster's limit on silence for this request, where it is lower.</summary>
    public static void Allow(IReverseProxyFeature feature, TimeSpan silence)
    {
        if (feature is ReverseProxyFeature { Cluster: { } cluster } proxy && LimitOf(cluster) < silence)
        {
            proxy.Cluster = With(cluster, silence);
        }
    }

    /// <summary>YARP's own default is 100 seconds.</summary>
    private static TimeSpan LimitOf(ClusterModel cluster) => cluster.Config.HttpRequest?.ActivityTimeout ?? TimeSpan.FromSeconds(100);

    private static ClusterModel With(ClusterModel cluster, TimeSpan silence) =>
        new(cluster.Config with { HttpRequest = (cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty) with { ActivityTimeout = silence } }, cluster.HttpClient);

    private static bool IsAskedFor(HttpContext context)
    {
        var request = context.Request;
        return (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && !IsHttp2Offered(request.Headers)) || HttpMethods.IsConnect(request.Method)
            || (request.Method is "GET" or "HEAD" ? RequestReader.IsEventStream(request.Headers) : WantsEventsAlone(request.Headers))
            || request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;
    }

    /// <summary>A client that would rather speak HTTP/2 has a request like any other (RFC 7540 3.2, RFC 9110 7.8).</summary>
    public static bool IsHttp2Offered(IHeaderDictionary headers) => headers.Upgrade is [{ } only] && only.Equals("h2c", StringComparison.OrdinalIgnoreCase);

    /// <summary>A write that would take events among others is mostly answered by one document, and its origin may hang like any other.</summary>
    private static bool WantsEventsAlone(IHeaderDictionary headers) =>
        headers.Accept is [{ } only] && only.AsSpan().Trim().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) && !only.Contains(',', StringComparison.Ordinal);
}
