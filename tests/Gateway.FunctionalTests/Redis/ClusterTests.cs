namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Three real masters.</summary>
public sealed class ClusterTests
{
    private const int Entries = 60;

    [Fact]
    public async Task ThreeMasters_ShareTheEntries_AndOneMayDie()
    {
        await using var first = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "2000");
        await using var second = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "2000");
        await using var third = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "2000");
        RedisServer[] masters = [first, second, third];
        await first.CommandLineAsync(["--cluster", "create", .. masters.Select(master => master.Address), "--cluster-yes"]);
        await Deadline.Until(async () => (await Task.WhenAll(masters.Select(master => master.CommandLineAsync("CLUSTER", "INFO"))))
            .All(info => info.Contains("cluster_state:ok", StringComparison.Ordinal)), "the Cluster agrees");
        await using var a = await RedisGateways.StartAsync([first.Address]);
        await using var b = await RedisGateways.StartAsync([second.Address, third.Address], a);
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

        await third.KillAsync();
        for (var i = 0; i < Entries; i++)
        {
            a.Origin.Get($"/after/{i}", Reply.Ok($"{i}", "Cache-Control: max-age=60"));
            Assert.Equal((200, $"{i}"), ((await b.FetchAsync($"/after/{i}")).Status, (await b.FetchAsync($"/after/{i}")).Text));
        }
    }
}
