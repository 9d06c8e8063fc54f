using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>A Redis that cannot be joined: the log and /healthz say why, in the words of whoever refuses it.</summary>
public sealed class RedisCauseTests
{
    [Theory]
    [InlineData("redis://:false@{0}", "WRONGPASS")]
    [InlineData("redis://{0}", "NOAUTH Authentication required (give the password: REDIS_PASSWORD, or in REDIS_URL)")]
    [InlineData("rediss://:right@{0}", "no TLS there")]
    public async Task Refusal_IsNamed(string url, string cause)
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "right");

        await IsNamedAsync(string.Format(null, url, redis.Address), cause);
    }

    [Fact]
    public async Task NobodyThere_IsNamed()
    {
        await using var redis = RedisServer.Prepare();

        await IsNamedAsync($"redis://{redis.Address}", "Connection refused");
    }

    private static async Task IsNamedAsync(string url, string cause)
    {
        await using var gateway = await GatewayProcess.StartAsync(new Uri("http://127.0.0.1:1"), ["--node", "a"], [("REDIS_URL", url)]);
        using var client = new HttpClient();

        await Deadline.Until(() => Task.FromResult(gateway.Lines.Any(line => line.Contains($"is not connected ({cause}", StringComparison.Ordinal))), $"\"{cause}\" in the log");
        Assert.Contains($"warning: blind: no answered sync since the start ({cause}", await client.GetStringAsync(new Uri(gateway.AdminAddress, "/healthz")), StringComparison.Ordinal);
    }
}
