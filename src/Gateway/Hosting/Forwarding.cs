using System.Net;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
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
        proxy.AddConfigFilter<BreakerHealthFilter>();
        services.AddSingleton<IPassiveHealthCheckPolicy, BreakerHealthPolicy>();
        services.AddSingleton<IForwarderHttpClientFactory>(provider => new OriginHttpClientFactory(settings, provider.GetRequiredService<ServedHosts>(), provider.GetRequiredService<TimeProvider>()));
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
            ActivityTimeout = settings.OriginTimeout > settings.OriginIdleTimeout ? settings.OriginTimeout : settings.OriginIdleTimeout,
            Version = settings.OriginHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = settings.OriginHttp2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        },
    };
}
