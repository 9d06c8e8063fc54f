using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Promise 2 among nodes: once "all" is acknowledged, no node answers with anything older.</summary>
public sealed class BusTests
{
    private const string Stream = "test:{fence}:stream";

    [Fact]
    public async Task WaitAll_OnceAcknowledged_NoNodeServesOlder()
    {
        await using var nodes = await Nodes.StartAsync(3);
        var version = 1;
        nodes.Origin.Get("/x", _ => Reply.Ok($"{Volatile.Read(ref version)}", Numbered.Fresh, "Cache-Tag: t"));
        for (var round = 1; round <= 20; round++)
        {
            await nodes.AllAnswer("/x", $"{round}");
            Volatile.Write(ref version, round + 1);
            var (status, receipt) = await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" }, round % 2 == 0 ? nodes.B : nodes.A);
            await nodes.AllAnswer("/x", $"{round + 1}");
            Assert.Equal(200, status);
            Assert.Equal(["a", "b", "c"], receipt.GetProperty("applied").EnumerateArray().Select(node => node.GetProperty("node").GetString()!).Order());
            Assert.All(receipt.GetProperty("applied").EnumerateArray(), node => Assert.True(node.GetProperty("epoch").GetInt64() >= receipt.GetProperty("epoch").GetInt64()));
        }
    }

    [Fact]
    [Fault("F-23", "An invalidation while a fetch is under way, on another node: the fetch is not served to later requests")]
    public async Task FillUnderWayElsewhere_LosesToTheInvalidation()
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        nodes.Origin.Hold("/x");
        var first = nodes.B.FetchAsync("/x");
        await nodes.Origin.Reached("/x");

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" })).Status);
        nodes.Origin.Release("/x");

        Assert.Equal("1", (await first).Text);
        Assert.Equal("2", (await nodes.B.FetchAsync("/x")).Text);
        CacheAssert.NoLonger("1", await nodes.A.FetchAsync("/x"));
    }

    [Fact]
    public async Task TagsTogether_AreRaisedEverywhere_AndKnownToLateNodes()
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/ab", Numbered.Fresh, "Cache-Tag: a, b");
        nodes.Origin.GetNumbered("/a", Numbered.Fresh, "Cache-Tag: a");
        await nodes.A.FetchAsync("/ab");
        await nodes.A.FetchAsync("/a");
        await nodes.A.UntilWrittenAsync(2);
        await nodes.AllAnswer("/ab", "1");
        foreach (var key in await nodes.Redis.KeysAsync())
        {
            await nodes.Redis.RunAsync("COPY", key, "kept:" + key);
        }

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["b", "a"], match = "all" })).Status);

        Assert.Equal("2", (await nodes.B.FetchAsync("/ab")).Text);
        await nodes.AllAnswer("/a", "1");
        await nodes.B.UntilWrittenAsync(1);
        foreach (var key in await nodes.Redis.KeysAsync())
        {
            if (!key.StartsWith("kept:", StringComparison.Ordinal))
            {
                await nodes.Redis.RunAsync("RENAME", "kept:" + key, key);
            }
        }

        var late = await nodes.AddAsync();
        Assert.Equal("3", (await late.FetchAsync("/ab")).Text);
        Assert.Equal("1", (await late.FetchAsync("/a")).Text);
    }

    [Fact]
    public async Task Audit_IsSharedByAllNodes()
    {
        await using var nodes = await Nodes.StartAsync();
        await nodes.RaiseAsync(new { tags = (string[])["t"], reason = "first" });
        await nodes.RaiseAsync(new { urls = (string[])["/x"], reason = "second" }, nodes.B);

        var entries = await nodes.B.Services.GetRequiredService<IInvalidationAudit>().ReadAsync(10);

        Assert.Equal([("b", "second", """{"u":["/x"]}"""), ("a", "first", """{"t":["t"]}""")], entries!.Select(entry => (entry.Node, entry.Why, entry.What.GetRawText())));
        Assert.True(entries![0].Epoch > entries[1].Epoch && entries[0].At >= entries[1].At);
        var older = await nodes.A.Services.GetRequiredService<IInvalidationAudit>().ReadAsync(10, entries[0].Place);
        Assert.Equal("first", Assert.Single(older!).Why);
    }

    [Fact]
    public async Task ConnectionGivenUp_WakesComeOnTheNewOne()
    {
        await using var nodes = await Nodes.StartAsync();
        // A connection is given two seconds before it may be given up.
        await Deadline.Until(
            async () =>
            {
                nodes.B.Services.GetRequiredService<RedisConnection>().Replace();
                return await nodes.Listening("test:{fence}:wake") == 1;
            },
            "b gave its connection up");

        await Deadline.Until(async () => await nodes.Listening("test:{fence}:wake") == 2, "b listens again");
    }

    [Fact]
    [Fault("F-05", "Redis restarted empty: nothing older is alive")]
    public async Task RedisRestartedEmpty_NothingOlderIsAlive()
    {
        await using var nodes = await Nodes.StartAsync(2, settings => settings with { MaxBlind = TimeSpan.FromSeconds(5) });
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await nodes.A.FetchAsync("/x");
        await nodes.A.UntilWrittenAsync(1);
        await nodes.AllAnswer("/x", "1");

        await nodes.Redis.KillAsync();
        await nodes.Redis.StartAsync();
        await nodes.UntilIncarnation(2);

        Assert.Equal("2", (await nodes.A.FetchAsync("/x")).Text);
        // The list of gateways is lost with the rest: who came last may be in nobody's memory, and is waited for.
        var (status, receipt) = await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 100 });
        Assert.Equal(202, status);
        Assert.Contains("forgotten-by-redis", receipt.GetProperty("missing").EnumerateArray().Select(node => node.GetString()));
        await Deadline.Until(async () => (await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 100 })).Status == 200, "nobody is waited for any more");
    }

    [Fact]
    [Fault("F-06", "Redis restarted from an old snapshot: it revives nothing")]
    public async Task RedisRestartedFromAnOldSnapshot_RevivesNothing()
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await nodes.A.FetchAsync("/x");
        await nodes.A.UntilWrittenAsync(1);
        await nodes.Redis.RunAsync("SAVE");
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" })).Status);
        Assert.Equal("2", (await nodes.A.FetchAsync("/x")).Text);

        await nodes.Redis.KillAsync();
        await nodes.Redis.StartAsync();
        Assert.NotEmpty(await nodes.Redis.KeysAsync());
        var late = await nodes.AddAsync();
        Assert.Equal("3", (await late.FetchAsync("/x")).Text);
        await Nodes.UntilTrusted(nodes.B);
        await Deadline.Until(async () => await nodes.B.MetricAsync("cachegateway_bus_incarnations") == 2, "b noticed");
        CacheAssert.NoLonger("1", await nodes.B.FetchAsync("/x"));
    }

    [Fact]
    [Fault("F-19", "Subscriptions killed while a hundred invalidations are published: all are applied")]
    public async Task SubscriptionKilled_WhileAHundredArePublished_AllAreApplied()
    {
        await using var nodes = await Nodes.StartAsync();
        for (var i = 0; i < 100; i++)
        {
            nodes.Origin.GetNumbered($"/p/{i}", Numbered.Fresh, $"Cache-Tag: p{i}");
            Assert.Equal("1", (await nodes.B.FetchAsync($"/p/{i}")).Text);
        }

        for (var i = 0; i < 100; i++)
        {
            if (i % 10 == 0)
            {
                await nodes.Redis.RunAsync("CLIENT", "KILL", "TYPE", "pubsub");
            }

            Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])[$"p{i}"], wait = "none" })).Status);
        }

        await nodes.UntilApplied(nodes.B);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("2", (await nodes.B.FetchAsync($"/p/{i}")).Text);
        }

        Assert.Equal(0, await nodes.B.MetricAsync("cachegateway_bus_gaps"));
    }

    [Fact]
    [Fault("F-21", "An entry missing in the stream: the node trusts nothing older")]
    public async Task EntryMissingInTheStream_EmptiesTheNode()
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/x", Numbered.Fresh);
        await nodes.B.FetchAsync("/x");

        // As after XTRIM: something was raised, and the stream does not have it.
        await nodes.Redis.RunAsync("HINCRBY", "test:{fence}:state", "newest", 5000);

        await nodes.B.UntilMetric("cachegateway_bus_gaps", gaps => gaps == 1);
        Assert.Equal("2", (await nodes.B.FetchAsync("/x")).Text);
        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true, wait = "all" })).Status);
        Assert.Equal(1, await nodes.B.MetricAsync("cachegateway_bus_gaps"));
    }

    [Theory]
    [InlineData(200, "DEL", Stream)]
    [InlineData(200, "DEL", "test:{fence}:marks")]
    [InlineData(200, "DEL", "test:{fence}:state")]
    [InlineData(202, "DEL", "test:{fence}:nodes")]
    [InlineData(200, "XADD", Stream, "9999999999999999-0", "v", "1")]
    [InlineData(200, "SET", Stream, "x")]
    [InlineData(200, "SET", "test:{fence}:marks", "x")]
    [InlineData(200, "SET", "test:{fence}:state", "x")]
    [InlineData(202, "SET", "test:{fence}:nodes", "x")]
    [InlineData(200, "HSET", "test:{fence}:state", "newest", "x")]
    [InlineData(200, "HSET", "test:{fence}:state", "newest", "99999999999999999999")]
    [InlineData(200, "HSET", "test:{fence}:state", "floor", "9000000000000000")]
    [InlineData(200, "HSET", "test:{fence}:state", "incarnation", "x")]
    [InlineData(200, "HSET", "test:{fence}:state", "incarnation", "")]
    [InlineData(200, "HSET", "test:{fence}:state", "incarnation", "9999999999999999999")]
    [Fault("F-10", "Keys of the fence evicted, deleted or overwritten: a new life begins, nothing older is alive")]
    public async Task FenceDamaged_BeginsAnotherIncarnation(int acknowledged, params string[] command)
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/x", Numbered.Fresh);
        await nodes.B.FetchAsync("/x");

        await nodes.Redis.RunAsync(command[0], [.. command[1..]]);
        await nodes.RaiseAsync(new { tags = (string[])["unrelated"], wait = "all", timeoutMs = 100 });
        await nodes.UntilIncarnation(2);

        Assert.Equal("2", (await nodes.B.FetchAsync("/x")).Text);
        // Who was forgotten is waited for twelve seconds.
        Assert.Equal(acknowledged, (await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = acknowledged == 200 ? 10_000 : 100 })).Status);
        Assert.Equal("3", (await nodes.B.FetchAsync("/x")).Text);
    }

    [Theory]
    [InlineData("99999999999999999999 1 1 y")]
    [InlineData("9999999999999999 1 1 y")]
    [InlineData("SEEN 9999999999999999999 1 y")]
    [InlineData("SEEN 1 99999999999999999999 y")]
    [Fault("F-10", "A gateway in the fence's list that cannot be one: nobody waits for it, and the others go on")]
    public async Task ListedGatewayThatCannotBe_HoldsUpNobody(string listed)
    {
        await using var nodes = await Nodes.StartAsync();
        var now = (string[])(await nodes.Redis.RunAsync("TIME"))!;

        await nodes.Redis.RunAsync("HSET", "test:{fence}:nodes", "y", listed.Replace("SEEN", $"{now[0]}000000", StringComparison.Ordinal));

        // Sooner than it would be forgotten for its silence.
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 8000 })).Status);
        await nodes.UntilIncarnation(1);
    }

    [Fact]
    [Fault("F-22", "Garbage, repeated and reordered messages on the bus: counted and ignored")]
    public async Task GarbageOnTheBus_IsCountedAndIgnored()
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/x", Numbered.Fresh);
        await nodes.B.FetchAsync("/x");

        await nodes.Redis.RunAsync("PUBLISH", "test:{fence}:wake", "{[nonsense");
        await nodes.Redis.RunAsync("PUBLISH", "test:{fence}:wake", "1 99999999999999999");
        await nodes.Redis.RunAsync("XADD", Stream, "*", "who", "knows");
        await nodes.B.UntilMetric("cachegateway_bus_stream_garbage", count => count == 1);
        await nodes.B.UntilMetric("cachegateway_bus_garbage_total", count => count == 1);

        CacheAssert.Hit(await nodes.B.FetchAsync("/x"));
        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true, wait = "all" })).Status);
        Assert.Equal("2", (await nodes.B.FetchAsync("/x")).Text);
    }

    [Fact]
    public async Task LateNode_KnowsTheMarksOfAllTime()
    {
        await using var nodes = await Nodes.StartAsync(1);
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await nodes.A.FetchAsync("/x");
        await nodes.A.UntilWrittenAsync(1);
        await nodes.Redis.RunAsync("COPY", (await nodes.Redis.KeysAsync()).Single(key => key.Contains("/x", StringComparison.Ordinal)), "kept");
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"] })).Status);

        // Whatever became of the stream meanwhile: the entry is still in Redis, and the mark is too.
        await nodes.Redis.RunAsync("XTRIM", Stream, "MAXLEN", 0);
        var late = await nodes.AddAsync();

        Assert.Equal("2", (await late.FetchAsync("/x")).Text);
    }

    [Fact]
    public async Task OrdinaryOperation_NeverBeginsAnotherIncarnation()
    {
        await using var nodes = await Nodes.StartAsync(3);
        var incarnation = (string?)await nodes.Redis.RunAsync("HGET", "test:{fence}:state", "incarnation");
        for (var round = 0; round < 5; round++)
        {
            // At the same time, on nodes that have not heard of each other's, by hand and by name, now and then with a stream that forgets.
            await Task.WhenAll(Enumerable.Range(0, 12).Select(i => nodes.RaiseAsync(
                new { tags = (string[])[$"t{i}"], wait = i % 3 == 0 ? "all" : "none" }, i % 2 == 0 ? nodes.A : nodes.B)));
            await nodes.Redis.RunAsync("XTRIM", Stream, "MAXLEN", round);
            await Task.WhenAll(nodes.RaiseAsync(new { all = true }), nodes.RaiseAsync(new { tags = (string[])["t"] }, nodes.B));
            await nodes.AddAsync();
        }

        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 10000 })).Status);
        Assert.Equal(incarnation, (string?)await nodes.Redis.RunAsync("HGET", "test:{fence}:state", "incarnation"));
        await nodes.UntilIncarnation(1);
    }
}
