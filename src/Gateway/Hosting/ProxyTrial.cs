using Microsoft.AspNetCore.Authentication;
using Yarp.ReverseProxy.Configuration;

namespace CacheGateway.Hosting;

/// <summary>Asks YARP whether it would take a section: on a reload it refuses one by itself, in its own log, while everybody else takes it for what is in force.</summary>
/// <param name="validator">YARP's own.</param>
/// <param name="schemes">By which the application that hosts the gateway tells who a client is; null where it does not.</param>
internal sealed class ProxyTrial(IConfigValidator validator, IAuthenticationSchemeProvider? schemes)
{
    /// <summary>The first of what it has against <paramref name="section"/>; null when there is nothing.</summary>
    public string? Problem(IConfigurationSection section)
    {
        if (schemes is null && ProxySection.WithoutScheme(section) is [var open, ..])
        {
            return open;
        }

        IProxyConfig config;
        using var services = new ServiceCollection().AddLogging().AddReverseProxy().LoadFromConfig(section).Services.BuildServiceProvider();
        try
        {
            config = services.GetRequiredService<IProxyConfigProvider>().GetConfig();
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            return exception.GetBaseException().Message;
        }

        return ProblemAsync(config).AsTask().GetAwaiter().GetResult();
    }

    private async ValueTask<string?> ProblemAsync(IProxyConfig config)
    {
        foreach (var route in config.Routes)
        {
            if (await validator.ValidateRouteAsync(route) is [var first, ..])
            {
                return first.Message;
            }
        }

        foreach (var cluster in config.Clusters)
        {
            if (await validator.ValidateClusterAsync(cluster) is [var first, ..])
            {
                return first.Message;
            }
        }

        return null;
    }
}
