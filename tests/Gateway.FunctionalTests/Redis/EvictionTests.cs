using System.Globalization;
using System.Security.Cryptography;
using CacheGateway.FunctionalTests.Invalidation;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>A Redis that is too small and makes room: what it drops is fetched anew, and what was acknowledged holds, even where it drops the fence.</summary>
public sealed class EvictionTests
{
    private const int Targets = 250;
    private const int Rounds = 4;

    /// <summary>Three times what the server may hold, were it all kept; it cannot be made shorter.</summary>
    private static readonly string Padding = Convert.ToBase64String(RandomNumberGenerator.GetBytes(40_000));

    [Theory]
    [Fault("F-10", "Redis makes room while much is stored (allkeys-lru, volatile-lru): every answer is whole, its own and not older than what was acknowledged, and none is an error")]
    [InlineData("allkeys-lru")]
    [InlineData("volatile-lru")]
    public async Task ServerThatMakesRoom_NothingWrongIsServed_AndWhatWasAcknowledgedHolds(string eviction)
    {
        await using var nodes = await Nodes.StartAsync(2, settings => settings with { MemoryBytes = 1_000_000 }, null, "--maxmemory", "4mb", "--maxmemory-policy", eviction);
        var version = 0;
        nodes.Origin.Get("/*", request => Reply.Ok($"{request.Target} {Volatile.Read(ref version)} {Padding}", "Cache-Control: max-age=600", "Cache-Tag: t"));
        var acknowledged = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            for (var i = 0; i < Targets; i++)
            {
                await AssertRightAsync(nodes.A, $"/{i}", acknowledged);
                await AssertRightAsync(nodes.B, $"/{i}", acknowledged);
            }

            Volatile.Write(ref version, round);
            using var answer = await nodes.A.InvalidateAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 20_000 });
            Assert.True((int)answer.StatusCode is 200 or 202, $"{answer.StatusCode}");
            acknowledged = await Receipt.IsAppliedByAsync(answer, 2) ? round : acknowledged;
        }

        var stats = $"{await nodes.Redis.RunAsync("INFO", "stats")}";
        Assert.DoesNotContain("evicted_keys:0\r", stats, StringComparison.Ordinal);
        Assert.NotEqual(0, acknowledged);
        Assert.NotEqual(0, await nodes.B.MetricAsync("cachegateway_l2_reads_total{outcome=\"hit\"}"));
    }

    private static async Task AssertRightAsync(GatewayEnvironment node, string target, int acknowledged)
    {
        var answer = await node.FetchAsync(target);
        Assert.Equal(200, answer.Status);
        Assert.Equal([target, Padding], [answer.Text.Split(' ')[0], answer.Text.Split(' ')[^1]]);
        Assert.InRange(int.Parse(answer.Text.Split(' ')[1], CultureInfo.InvariantCulture), acknowledged, Rounds);
    }
}
