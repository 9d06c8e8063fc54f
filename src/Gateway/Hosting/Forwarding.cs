using System.Net;
using CacheGateway.Interim;
using CacheGateway.Pipeline;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace CacheGateway.Hosting;

/// <summary>YARP as this gateway uses it: from a configuration file, or one route to <c>--origin</c>.</summary>
internal static class Forwarding
{
    public static void AddForwarding(this IServiceCollection services, IConfiguration configuration, GatewaySettings settings)
    {
        var proxy = services.AddReverseProxy();
        if (settings.Origin is { } origin)
        {
            // Beside it a configuration file may stand for other things (certificates); both may not name backends.
            proxy.LoadFromMemory([Route(settings)], [Cluster(settings, origin)]);
        }
        else if (settings.ConfigFile is not null)
        {
            proxy.LoadFromConfig(configuration.GetSection("ReverseProxy"));
        }

        proxy.AddTransforms<ForwardTransforms>();
        proxy.ConfigureHttpClient((_, handler) => Configure(handler, settings));
    }

    private static RouteConfig Route(GatewaySettings settings)
    {
        var route = new RouteConfig { RouteId = "origin", ClusterId = "origin", Match = new RouteMatch { Path = "/{**path}" } };
        return settings.OriginHost is { } host
            ? route.WithTransformRequestHeader("Host", host, append: false)
            : route.WithTransformUseOriginalHostHeader();
    }

    private static ClusterConfig Cluster(GatewaySettings settings, string origin) => new()
    {
        ClusterId = "origin",
        Destinations = new Dictionary<string, DestinationConfig> { ["origin"] = new() { Address = origin } },
        HttpRequest = new ForwarderRequestConfig
        {
            ActivityTimeout = settings.OriginTimeout,
            Version = settings.OriginHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = settings.OriginHttp2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        },
    };

    private static void Configure(SocketsHttpHandler handler, GatewaySettings settings)
    {
        handler.ConnectTimeout = TimeSpan.FromSeconds(2);
        handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60);
        handler.ResponseHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1;
        handler.RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1;
        // A cache asks for what it was asked for, nothing else: no tracing headers invented, no redirects, cookies or decompression.
        handler.ActivityHeadersPropagator = null;
        if (settings.InterimResponses)
        {
            handler.PlaintextStreamFilter = InterimStream.Wrap;
        }
    }
}
