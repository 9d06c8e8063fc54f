using BackendApi.Hosting;

namespace BackendApi.Events;

internal static class EventServices
{
    /// <summary>By the address: redis://host is a stream, http(s)://host/path a webhook, none is nobody.</summary>
    public static void AddCacheEvents(this IServiceCollection services, BackendOptions options)
    {
        switch (options.Events?.Scheme)
        {
            case null:
                services.AddSingleton<ICacheEvents, NoCacheEvents>();
                break;
            case "redis":
                services.AddSingleton<ICacheEvents>(provider => new RedisCacheEvents(RedisAddress.Read(options.Events), provider.GetRequiredService<ILogger<RedisCacheEvents>>()));
                break;
            default:
                services.AddHttpClient("events");
                services.AddSingleton<ICacheEvents>(provider => new WebhookCacheEvents(
                    provider.GetRequiredService<IHttpClientFactory>().CreateClient("events"), options.Events, WebhookKey.TryParse(options.EventsSecret ?? "") ?? throw new InvalidOperationException("the secret was read at the start"),
                    provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WebhookCacheEvents>>()));
                break;
        }
    }
}
