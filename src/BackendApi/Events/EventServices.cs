using System.Text;
using BackendApi.Hosting;

namespace BackendApi.Events;

internal static class EventServices
{
    /// <summary>By the address: redis://host:port is a stream, http(s)://host/path a webhook, none is nobody.</summary>
    public static void AddCacheEvents(this IServiceCollection services, BackendOptions options)
    {
        switch (options.Events?.Scheme)
        {
            case null:
                services.AddSingleton<ICacheEvents, NoCacheEvents>();
                break;
            case "redis":
                services.AddSingleton<ICacheEvents>(provider => new RedisCacheEvents(
                    $"{options.Events.Host}:{(options.Events.Port < 0 ? 6379 : options.Events.Port)}", provider.GetRequiredService<ILogger<RedisCacheEvents>>()));
                break;
            default:
                services.AddHttpClient("events");
                services.AddSingleton<ICacheEvents>(provider => new WebhookCacheEvents(
                    provider.GetRequiredService<IHttpClientFactory>().CreateClient("events"), options.Events, Key(options.EventsSecret ?? ""),
                    provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WebhookCacheEvents>>()));
                break;
        }
    }

    /// <summary>As Standard Webhooks writes secrets: base64 after "whsec_"; anything else is the key itself.</summary>
    public static byte[] Key(string secret) =>
        secret.StartsWith("whsec_", StringComparison.Ordinal) ? Convert.FromBase64String(secret[6..]) : Encoding.UTF8.GetBytes(secret);
}
