using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Storage.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Redis with a replica: the receipt says whether it has what was raised, and a failover revives nothing.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Receipt_WithoutReplicas_SaysNothingOfThem()
    {
        await using var nodes = await Nodes.StartAsync(1);
        Assert.False((await nodes.RaiseAsync(new { tags = (string[])["t"] })).Receipt.TryGetProperty("replicas", out _));
    }

    [Fact]
    public async Task Receipt_SaysWhetherAReplicaHasIt()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var replica = await FollowAsync(nodes.Redis);

        await Deadline.Until(async () => await RaiseAsync(nodes) == 1, "the replica has it");
        replica.Pause();
        await Deadline.Until(async () => await RaiseAsync(nodes) == 0, "the replica is silent");
        replica.Resume();
        await Deadline.Until(async () => await RaiseAsync(nodes) == 1, "the replica has it again");
    }

    /// <summary>It took the raise, and so must it the write by which a replica is asked.</summary>
    [Fact]
    public async Task Receipt_OfAFullServer_SaysWhetherAReplicaHasIt()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var replica = await FollowAsync(nodes.Redis);
        await Deadline.Until(async () => await RaiseAsync(nodes) == 1, "the replica has it");

        await nodes.Redis.RunAsync("CONFIG", "SET", "maxmemory", "1");

        Assert.Equal(1, await RaiseAsync(nodes));
        Assert.Equal(1, await RaiseAsync(nodes));
    }

    /// <summary>The wait needs a write of its own, which must not be the first thing that another deployment finds.</summary>
    [Fact]
    public async Task Receipt_InAnotherDatabase_LeavesNothingInTheFirst()
    {
        await using var nodes = await Nodes.StartAsync(
            1, settings => settings with { Redis = new RedisSettings { EndPoints = settings.Redis!.EndPoints, Database = 3 } });
        await using var replica = await FollowAsync(nodes.Redis);

        await Deadline.Until(async () => await RaiseAsync(nodes) == 1, "the replica has it");

        Assert.Equal(["db3"], await nodes.Redis.DatabasesAsync());
    }

    [Fault("F-11", "Failover that lost acknowledged writes")]
    [Fact]
    public async Task ReplicaPromoted_RevivesNothing()
    {
        await using var nodes = await Nodes.StartAsync();
        await using var replica = await FollowAsync(nodes.Redis);
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await nodes.A.FetchAsync("/x");
        await nodes.A.UntilWrittenAsync(1);
        await Deadline.Until(async () => await RaiseAsync(nodes) == 1, "the replica follows");

        // It misses the invalidation; then the old master comes back as its replica, with what it had.
        replica.Pause();
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" })).Status);
        await nodes.Redis.KillAsync();
        replica.Resume();
        await replica.RunAsync("REPLICAOF", "NO", "ONE");
        await nodes.Redis.StartAsync();
        await nodes.Redis.RunAsync("REPLICAOF", "127.0.0.1", $"{replica.Port}");
        await Deadline.Until(() => IsFollowingAsync(nodes.Redis), "the old master follows");
        await nodes.Redis.RunAsync("REPLICAOF", "NO", "ONE");
        await Deadline.Until(async () => await nodes.B.MetricAsync("cachegateway_bus_incarnations") >= 2, "an incarnation began");
        await Nodes.UntilTrusted(nodes.A);
        await Nodes.UntilTrusted(nodes.B);

        CacheAssert.NoLonger("1", await nodes.A.FetchAsync("/x"));
        CacheAssert.NoLonger("1", await nodes.B.FetchAsync("/x"));
    }

    [Fact]
    [Fault("F-11", "Failover and back, and a new gateway raises before those are back that know of what was lost: nothing older is alive")]
    public async Task FailedOverAndBack_ANewNodeRaisesFirst_RevivesNothing()
    {
        await using var nodes = await Nodes.StartAsync(0);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var a = await nodes.AddAsync(way.Address);
        var b = await nodes.AddAsync(way.Address);
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);
        await nodes.AllAnswer("/x", "1");
        await using var other = await FollowAsync(nodes.Redis);
        await other.RunAsync("REPLICAOF", "NO", "ONE");
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" })).Status);

        // Both are away while the master takes what the other has, under its old run id, and a new node is the first to raise.
        await way.RefuseAsync();
        way.Cut();
        await nodes.Redis.RunAsync("REPLICAOF", "127.0.0.1", $"{other.Port}");
        await Deadline.Until(() => IsFollowingAsync(nodes.Redis), "the master follows the other");
        await nodes.Redis.RunAsync("REPLICAOF", "NO", "ONE");
        var c = await nodes.AddAsync();
        Assert.Equal(202, (await nodes.RaiseAsync(new { tags = (string[])["other"], wait = "all", timeoutMs = 100 }, c)).Status);
        way.AcceptAgain();

        await c.UntilMetric("cachegateway_bus_incarnations", count => count == 2);
        await Nodes.UntilTrusted(c);
        await Nodes.UntilTrusted(a);
        await Nodes.UntilTrusted(b);
        CacheAssert.NoLonger("1", await a.FetchAsync("/x"));
        CacheAssert.NoLonger("1", await b.FetchAsync("/x"));
        CacheAssert.NoLonger("1", await c.FetchAsync("/x"));
    }

    /// <summary>A balancer's address, or a name: REPLICAOF closes no connection, so nothing but what it answers tells that it is the master no longer.</summary>
    [Fact]
    [Fault("F-11", "Failover behind one address, and the connection to the demoted master stays open: the gateway connects anew, and invalidations are taken by the new one")]
    public async Task MasterDemotedBehindOneAddress_TheNewOneIsConnectedTo()
    {
        await using var nodes = await Nodes.StartAsync(0);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var a = await nodes.AddAsync(way.Address);
        await using var other = await FollowAsync(nodes.Redis);

        await other.RunAsync("REPLICAOF", "NO", "ONE");
        way.Target = other.Port;
        await nodes.Redis.RunAsync("REPLICAOF", "127.0.0.1", $"{other.Port}");

        await Deadline.Until(
            async () => (await nodes.RaiseAsync(new { tags = (string[])["t"], timeoutMs = 100 })).Receipt.GetProperty("durable").GetBoolean(), "the new master takes it");
        await a.UntilMetric("cachegateway_bus_incarnations", count => count == 2);
        await Nodes.UntilTrusted(a);
    }

    private static async Task<int> RaiseAsync(Nodes nodes)
    {
        var (status, receipt) = await nodes.RaiseAsync(new { tags = (string[])["other"] });
        Assert.Equal(200, status);
        return receipt.TryGetProperty("replicas", out var replicas) ? replicas.GetInt32() : -1;
    }

    private static async Task<RedisServer> FollowAsync(RedisServer master)
    {
        var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}");
        await Deadline.Until(() => IsFollowingAsync(replica), "the replica follows");
        return replica;
    }

    private static async Task<bool> IsFollowingAsync(RedisServer replica) =>
        (await replica.CommandLineAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal);
}
