using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>Connections that may be silent for long by their nature: WebSockets, server-sent events, gRPC streams.</summary>
internal static class LongLived
{
    private static readonly TimeSpan Silence = TimeSpan.FromDays(1);

    /// <summary>The cluster's limit on silence is for answers that end; this request gets a day.</summary>
    public static void LiftTimeout(HttpContext context)
    {
        if (context.Features.Get<IReverseProxyFeature>() is ReverseProxyFeature { Cluster: { } cluster } proxy)
        {
            var request = cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty;
            proxy.Cluster = new ClusterModel(cluster.Config with { HttpRequest = request with { ActivityTimeout = Silence } }, cluster.HttpClient);
        }
    }
}
