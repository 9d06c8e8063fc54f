using System.Text.Json;

namespace CacheGateway.Cli.Demo;

/// <summary>The backend's own count of what it was asked and what it asked its database (<c>/stats</c>).</summary>
internal sealed record BackendStats(long Queries, long Requests, Dictionary<string, EndpointStats> ByEndpoint, string Source)
{
    /// <summary>Transactions by the server's own count, where there is a server.</summary>
    public Dictionary<string, JsonElement>? Database { get; init; }

    public static async Task<BackendStats> ReadAsync(HttpClient client, Uri backend, CancellationToken cancellation) =>
        (await client.GetFromJsonAsync<BackendStats>(new Uri(backend, "/stats"), cancellation))!;

    public static async Task ResetAsync(HttpClient client, Uri backend, CancellationToken cancellation) =>
        (await client.PostAsync(new Uri(backend, "/stats/reset"), null, cancellation)).Dispose();

    public EndpointStats Of(string endpoint) => ByEndpoint.GetValueOrDefault(endpoint) ?? new EndpointStats(0, 0, 0, 0);
}

internal sealed record EndpointStats(long Requests, long Queries, double AverageDbMs, double AverageDelayMs);
