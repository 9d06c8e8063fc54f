using CacheGateway.Storage.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Gateways with Redis behind their memory. They run on the real clock: Redis does too, and its time limits must fire.</summary>
internal static class RedisGateways
{
    /// <summary>
    /// What is stored and found is asked in most tests, not how soon: where a machine stands still for a moment, the shipped 50 ms are a miss, and five of
    /// those in a row a write that is not made. Tests of the limits themselves take <see cref="ShippedLimits"/>.
    /// </summary>
    public static RedisLimits PatientLimits { get; } = new() { ReadTimeout = TimeSpan.FromSeconds(2), WriteTimeout = TimeSpan.FromSeconds(10) };

    public static Action<WebApplicationBuilder> ShippedLimits { get; } = builder => builder.Services.AddSingleton(new RedisLimits());

    public static Task<GatewayEnvironment> StartAsync(
        RedisServer redis, GatewayEnvironment? sharing = null, string deployment = "test", string? signingKey = null, string? password = null,
        Action<WebApplicationBuilder>? configure = null, int database = 0, bool warming = false) =>
        StartAsync([redis.Address], sharing, deployment, signingKey, password, configure, database, warming);

    /// <param name="endPoints">Of one server, or of some masters of a Cluster.</param>
    /// <param name="signingKey">Several are separated by commas.</param>
    /// <param name="sharing">A gateway whose origin this one has too; its requests must carry the same Host to have the same keys.</param>
    public static async Task<GatewayEnvironment> StartAsync(
        string[] endPoints, GatewayEnvironment? sharing = null, string deployment = "test", string? signingKey = null, string? password = null,
        Action<WebApplicationBuilder>? configure = null, int database = 0, bool warming = false) =>
        await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with
            {
                Origin = sharing?.Origin.Address.ToString().TrimEnd('/') ?? settings.Origin,
                DeploymentId = deployment,
                Node = sharing is null ? "a" : "b",
                Redis = new RedisSettings
                {
                    EndPoints = endPoints,
                    SigningKey = signingKey?.Split(',')[0],
                    OtherSigningKeys = signingKey?.Split(',')[1..] ?? [],
                    Password = password,
                    Database = database,
                },
                Warming = warming,
            },
            Configure = builder =>
            {
                builder.Services.AddSingleton(TimeProvider.System).AddSingleton(PatientLimits);
                configure?.Invoke(builder);
            },
        });

    /// <summary>GET with a Host that all gateways of a test have in common, so that they build the same key.</summary>
    public static async Task<RawResponse> FetchAsync(this GatewayEnvironment gateway, string target, params string[] headers)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(
            $"GET {target} HTTP/1.1\r\nHost: shared.test\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
        return await client.ReadAsync("GET");
    }

    /// <summary>POST with that Host.</summary>
    public static async Task<RawResponse> WriteAsync(this GatewayEnvironment gateway, string target)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"POST {target} HTTP/1.1\r\nHost: shared.test\r\nContent-Length: 0\r\n\r\n");
        return await client.ReadAsync("POST");
    }

    /// <summary>Until the gateway has joined the fence: what it fetches before belongs to no life that Redis keeps.</summary>
    public static async Task UntilConnectedAsync(this GatewayEnvironment gateway)
    {
        var connection = gateway.Services.GetRequiredService<RedisConnection>();
        connection.Start();
        await Deadline.Until(() => Task.FromResult(connection.IsConnected), "the gateway is connected to Redis");
        await Invalidation.Nodes.UntilTrusted(gateway);
    }

    /// <summary>Waits until so many writes to Redis ended in one of the ways.</summary>
    public static Task UntilWrittenAsync(this GatewayEnvironment gateway, int count, string outcome = "written") =>
        Deadline.Until(async () => await gateway.SharedAsync("writes", outcome) >= count, $"{count} writes ended as {outcome}");

    /// <summary>Calls to Redis of any kind that ended so.</summary>
    public static async Task<double> CallsAsync(this GatewayEnvironment gateway, string outcome)
    {
        using var metrics = await gateway.AdminAsync("/metrics");
        var lines = (await metrics.Content.ReadAsStringAsync()).Split('\n').Where(line => line.Contains($"outcome=\"{outcome}\"", StringComparison.Ordinal));
        return MetricsText.Sum(string.Join('\n', lines), "cachegateway_redis_calls_total");
    }

    public static async Task<double> SharedAsync(this GatewayEnvironment gateway, string what, string outcome) =>
        await gateway.MetricAsync($"cachegateway_l2_{what}_total{{outcome=\"{outcome}\"}}");
}
