using System.Text;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;

namespace Yardsticks;

/// <summary>Plain YARP: one route to the origin, its own pipeline, the HTTP client set as the gateway sets it.</summary>
internal static class BareYarp
{
    public static WebApplication Create(string url, string origin)
    {
        var builder = BareServer.Builder(url);
        builder.Services.AddReverseProxy()
            .LoadFromMemory(
                [new RouteConfig { RouteId = "origin", ClusterId = "origin", Match = new RouteMatch { Path = "/{**path}" } }.WithTransformUseOriginalHostHeader()],
                [new ClusterConfig { ClusterId = "origin", Destinations = new Dictionary<string, DestinationConfig> { ["origin"] = new() { Address = origin } } }])
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = TimeSpan.FromSeconds(2);
                handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60);
                handler.ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1;
                handler.RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1;
                handler.ActivityHeadersPropagator = null;
            });
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }
}
