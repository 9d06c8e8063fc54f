using CacheGateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>The one place that creates the product under test.</summary>
internal static class GatewayHost
{
    public static async Task<WebApplication> StartAsync(GatewaySettings settings, TimeProvider time, Action<WebApplicationBuilder> configure)
    {
        var gateway = GatewayApplication.Create(settings, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(time);
            configure(builder);
        });
        await gateway.StartAsync();
        return gateway;
    }
}
