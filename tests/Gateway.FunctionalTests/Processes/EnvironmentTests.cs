using System.Net;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>The variables that other programs rely on, in the environment of a real process: each changes what the gateway does.</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public async Task CacheEnabled_False_PassesEverything()
    {
        await using var origin = Origin("Cache-Control: max-age=60");
        await using var gateway = await StartAsync(origin, ("CACHE_ENABLED", "false"));

        Assert.Contains("detail=cache-off", await StatusAsync(gateway), StringComparison.Ordinal);
        Assert.Contains("detail=cache-off", await StatusAsync(gateway), StringComparison.Ordinal);
        Assert.Equal(2, origin.Requests("/x"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("1h", true)]
    public async Task CacheDefaultTtl_IsTheLifetimeWhereTheOriginNamesNone(string? ttl, bool hits)
    {
        await using var origin = Origin();
        await using var gateway = await StartAsync(origin, ttl is null ? [] : [("CACHE_DEFAULT_TTL", ttl)]);

        await StatusAsync(gateway);

        Assert.Equal(hits, (await StatusAsync(gateway)).Contains("; hit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CacheVersion_AbandonsWhatAnotherVersionStored_AndRedisHostNamesTheServer()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var origin = Origin("Cache-Control: max-age=60");
        (string, string)[] shared = [("REDIS_HOST", "127.0.0.1"), ("REDIS_PORT", $"{redis.Port}"), ("REDIS_DB", "3")];
        await using var first = await StartAsync(origin, shared);
        await first.UntilTrusted();
        await StatusAsync(first);
        await Deadline.Until(async () => await first.MetricAsync("cachegateway_l2_writes_total{outcome=\"written\"}") == 1, "the write to Redis");

        await using var same = await StartAsync(origin, shared);
        await using var other = await StartAsync(origin, [.. shared, ("CACHE_VERSION", "2")]);
        await same.UntilTrusted();
        await other.UntilTrusted();

        Assert.Contains("; hit", await StatusAsync(same), StringComparison.Ordinal);
        Assert.Contains("uri-miss", await StatusAsync(other), StringComparison.Ordinal);
        Assert.Contains("db3:", (string)(await redis.RunAsync("INFO", "keyspace"))!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RedisUrl_WinsOverRedisHost()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var origin = Origin();
        await using var gateway = await StartAsync(origin, ("REDIS_URL", $"redis://{redis.Address}/1"), ("REDIS_HOST", "nowhere.invalid"));

        await gateway.UntilTrusted();
    }

    [Theory]
    [InlineData("true", HttpStatusCode.OK)]
    [InlineData("false", HttpStatusCode.NotFound)]
    public async Task CacheMonitoringEnabled_IsWhetherThereAreMetrics(string value, HttpStatusCode status)
    {
        await using var origin = Origin();
        await using var gateway = await StartAsync(origin, ("CACHE_MONITORING_ENABLED", value));
        using var client = new HttpClient();

        using var answer = await client.GetAsync(new Uri(gateway.AdminAddress, "/metrics"));
        using var health = await client.GetAsync(new Uri(gateway.AdminAddress, "/healthz"));

        Assert.Equal((status, HttpStatusCode.OK), (answer.StatusCode, health.StatusCode));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task CacheWarmingEnabled_IsWhetherWhatIsPopularIsRecorded(string value, bool recorded)
    {
        var folder = Directory.CreateTempSubdirectory("cachegateway-environment-");
        var file = Path.Combine(folder.FullName, "popular.json");
        await using var origin = Origin("Cache-Control: max-age=60");
        await using (var gateway = await StartAsync(origin, ("CACHE_WARMING_ENABLED", value), ("CACHEGATEWAY__WARMINGFILE", file)))
        {
            await StatusAsync(gateway);
            await StatusAsync(gateway);
            Assert.Equal(0, await gateway.EndAsync());
        }

        Assert.Equal(recorded, File.Exists(file));
        folder.Delete(recursive: true);
    }

    private static ScriptedOrigin Origin(params string[] headers)
    {
        var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", _ => Reply.Ok("x", headers));
        return origin;
    }

    private static Task<GatewayProcess> StartAsync(ScriptedOrigin origin, params (string Name, string Value)[] environment) =>
        GatewayProcess.StartAsync(origin.Address, ["--node", "a"], environment);

    /// <summary>Cache-Status of one GET with a Host that all gateways have in common.</summary>
    private static async Task<string> StatusAsync(GatewayProcess gateway)
    {
        await using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: shared.test\r\n\r\n");
        return (await client.ReadAsync("GET")).CacheStatus!.ToString();
    }
}
