using CacheGateway.FunctionalTests.Invalidation;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Hosting;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>The fence on a Cluster: one slot holds it, and whatever becomes of that slot's master revives nothing.</summary>
public sealed class ClusterFenceTests
{
    private const string State = "test:{fence}:state";

    private const string Policies = """
        {
          "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "1h", "tags": ["all"] } },
          "events": { "category.saved": ["category:{id}"] }
        }
        """;

    [Fault("F-12", "Cluster: slots, and a master that dies")]
    [Fact]
    public async Task EveryKindOfRaise_IsTakenAndApplied_WithNoCrossSlotError()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var nodes = await Nodes.StartAsync(cluster, 2, policies: Policies);
        var version = 1;
        nodes.Origin.Get("/x", _ => Reply.Ok($"{Volatile.Read(ref version)}"));
        await nodes.AllAnswer("/x", "1");
        version = 2;

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["a", "b"], match = "all" })).Status);
        Assert.Equal(200, (await nodes.RaiseAsync(new
        {
            tags = Enumerable.Range(0, 500).Select(i => $"t{i}"),
            urls = (string[])["/a", "http://h/b"],
            prefixes = (string[])["/p/"],
            policies = (string[])["none"],
        })).Status);
        await nodes.AllAnswer("/x", "1");
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["all"], soft = true }, nodes.B)).Status);
        await nodes.AllAnswer("/x", "2");
        version = 3;
        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true })).Status);
        await nodes.AllAnswer("/x", "3");
        await cluster.Servers[0].CommandLineAsync("-c", "XADD", "cachegateway:events", "*", "event", "category.saved", "id", "one", "data", "{\"id\":7}");
        await Deadline.Until(async () => await cluster.Servers[0].CommandLineAsync("-c", "ZSCORE", "test:{fence}:done", $"event:category.saved:one:a3c90e3b7448d23d9eacebd0ebf15cae100e21f9b2c688f3f9d238edcd26d67f:{Nodes.Digest("category:7")}") != "", "the event is done");

        foreach (var outcome in (string[])["refused", "failed", "unavailable"])
        {
            Assert.Equal(0, await nodes.A.CallsAsync(outcome) + await nodes.B.CallsAsync(outcome));
        }
    }

    [Fault("F-12", "Cluster: slots, and a master that dies")]
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MasterOfTheFenceRestarted_RevivesNothing(bool fromAnOldSnapshot)
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var nodes = await Nodes.StartAsync(cluster, 2, WithLongWait);
        var holder = await cluster.HolderAsync(State);
        await FillAsync(nodes);
        if (fromAnOldSnapshot)
        {
            await holder.RunAsync("SAVE");
        }

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"] })).Status);
        await holder.KillAsync();
        await holder.StartAsync();
        await cluster.UntilAgreed();
        await nodes.UntilIncarnation(2);

        await AssertNothingOlderAsync(nodes);
    }

    [Fault("F-11", "Failover that lost acknowledged writes")]
    [Fact]
    public async Task ReplicaThatLagged_PromotedByHand_RevivesNothing()
    {
        await using var cluster = await RedisCluster.StartAsync(replicas: 1);
        await using var nodes = await Nodes.StartAsync(cluster, 2, WithLongWait);
        var holder = await cluster.HolderAsync(State);
        var replica = await cluster.ReplicaOfAsync(holder);
        await FillAsync(nodes);
        await Deadline.Until(async () => (await replica.CommandLineAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica follows");

        // It hears nothing of the invalidation, which is acknowledged all the same.
        replica.Pause();
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"] })).Status);
        await holder.KillAsync();
        replica.Resume();
        await Deadline.Until(
            async () =>
            {
                await replica.CommandLineAsync("CLUSTER", "FAILOVER", "TAKEOVER");
                return (await replica.CommandLineAsync("ROLE")).StartsWith("master", StringComparison.Ordinal);
            },
            "the replica is master");
        await cluster.UntilAgreed(holder);
        await nodes.UntilIncarnation(2);

        await AssertNothingOlderAsync(nodes);
    }

    /// <summary>What is asked for between, whose keys lie on both masters or on the way, is refused with ASK, TRYAGAIN or MOVED.</summary>
    [Fault("F-12", "Cluster: the slot of the fence moves to another master")]
    [Fact]
    public async Task SlotOfTheFence_MovedWhileGatewaysRun_RevivesNothing()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var nodes = await Nodes.StartAsync(cluster, 2, WithLongWait);
        var holder = await cluster.HolderAsync(State);
        await FillAsync(nodes);

        await cluster.MoveAsync(State, cluster.Servers.First(server => server != holder), between: async () =>
        {
            for (var i = 0; i < 30; i++)
            {
                Assert.Equal(200, (await nodes.A.FetchAsync($"/{i}")).Status);
            }

            Assert.InRange((await nodes.RaiseAsync(new { tags = (string[])["t"], timeoutMs = 2000 })).Status, 200, 202);
            var before = nodes.Origin.Requests("/0");
            Assert.Equal($"{before + 1}", (await nodes.A.FetchAsync("/0")).Text);
        });
        await cluster.UntilAgreed();
        await nodes.UntilIncarnation(2);

        await AssertNothingOlderAsync(nodes);
    }

    /// <summary>Whoever the server may have forgotten is waited for so long that all can be looked at before.</summary>
    private static GatewaySettings WithLongWait(GatewaySettings settings) => settings with { MaxBlind = TimeSpan.FromSeconds(30) };

    /// <summary>Answers that all nodes hold in memory, and that lie on every master.</summary>
    private static async Task FillAsync(Nodes nodes)
    {
        for (var i = 0; i < 30; i++)
        {
            nodes.Origin.GetNumbered($"/{i}", Numbered.Fresh, "Cache-Tag: t");
            await nodes.A.FetchAsync($"/{i}");
        }

        await nodes.A.UntilWrittenAsync(30);
        for (var i = 0; i < 30; i++)
        {
            // 1, but where Redis was too slow to say so.
            await nodes.B.FetchAsync($"/{i}");
        }
    }

    private static async Task AssertNothingOlderAsync(Nodes nodes)
    {
        for (var i = 0; i < 30; i++)
        {
            var before = nodes.Origin.Requests($"/{i}");
            Assert.Equal($"{before + 1}", (await nodes.B.FetchAsync($"/{i}")).Text);
            Assert.True(int.Parse((await nodes.A.FetchAsync($"/{i}")).Text, System.Globalization.CultureInfo.InvariantCulture) > before, "older than the invalidation");
        }

        // Every gateway that is known, and whoever may have come after what the server still knows of.
        var (status, receipt) = await nodes.RaiseAsync(new { all = true, timeoutMs = 5000 });
        Assert.Equal(202, status);
        Assert.Equal(["forgotten-by-redis"], receipt.GetProperty("missing").EnumerateArray().Select(node => node.GetString()));
    }
}
