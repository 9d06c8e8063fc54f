namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Three real masters.</summary>
public sealed class ClusterTests
{
    private const int Entries = 60;

    [Fact]
    [Fault("F-12", "One master of a Redis Cluster dies: the others go on, answers come")]
    public async Task ThreeMasters_ShareTheEntries_AndOneMayDie()
    {
        await using var cluster = await RedisCluster.StartAsync();
        var masters = cluster.Servers;
        await using var a = await RedisGateways.StartAsync([masters[0].Address]);
        await using var b = await RedisGateways.StartAsync([masters[1].Address, masters[2].Address], a);
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        for (var i = 0; i < Entries; i++)
        {
            a.Origin.Get($"/{i}", Reply.Ok($"{i}", "Cache-Control: max-age=60", "Vary: X-Tongue"));
            await a.FetchAsync($"/{i}");
        }

        await a.UntilWrittenAsync(Entries);
        for (var i = 0; i < Entries; i++)
        {
            CacheAssert.Hit(await b.FetchAsync($"/{i}"));
        }

        foreach (var master in masters)
        {
            Assert.NotEqual("0", await master.CommandLineAsync("DBSIZE"));
        }

        foreach (var outcome in (string[])["refused", "failed", "unavailable"])
        {
            Assert.Equal(0, await b.MetricAsync($"cachegateway_redis_calls_total{{call=\"read\",outcome=\"{outcome}\"}}"));
        }

        await masters[2].KillAsync();
        for (var i = 0; i < Entries; i++)
        {
            a.Origin.Get($"/after/{i}", Reply.Ok($"{i}", "Cache-Control: max-age=60"));
            Assert.Equal((200, $"{i}"), ((await b.FetchAsync($"/after/{i}")).Status, (await b.FetchAsync($"/after/{i}")).Text));
        }
    }
}
