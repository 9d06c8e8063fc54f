using CacheGateway.Dashboard.Assets;
using CacheGateway.Dashboard.Forms;
using CacheGateway.Dashboard.Reading;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CacheGateway.Dashboard;

/// <summary>What the dashboard is made of.</summary>
internal static class DashboardServices
{
    /// <param name="services">Of the gateway.</param>
    public static void AddDashboard(this IServiceCollection services)
    {
        services.TryAddSingleton<AssetFiles>();
        services.TryAddSingleton<PageRenderer>();
        services.TryAddSingleton<LiveDrawings>();
        services.TryAddSingleton<LiveStream>();
        services.TryAddScoped<PageRequest>();
        services.TryAddSingleton<TrafficReader>();
        services.TryAddSingleton<PolicyReader>();
        services.TryAddSingleton<NodeReader>();
        services.TryAddSingleton<AlertReader>();
        services.TryAddSingleton<TagCounts>();
        services.TryAddSingleton<RecentEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<RecentEvents>());
        services.TryAddSingleton<ExplainPost>();
        services.TryAddSingleton<PurgeReceipts>();
        services.TryAddSingleton<PurgePost>();
        services.TryAddSingleton<LoginPost>();
        services.TryAddSingleton<WarmPost>();
    }
}
