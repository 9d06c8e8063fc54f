using System.Security.Cryptography;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>What is promised by name and not shown elsewhere: late writes, trimmed streams, clocks, disorder, storms.</summary>
public sealed class GuaranteeTests
{
    private const string Stream = "test:{fence}:stream";

    [Fault("F-16", "Queued writes replayed after a reconnect")]
    [Fact]
    public async Task WritesHeldWhileCutOff_OverwriteNothingNewer()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        // Reads that find nothing are short, and open no breaker that keeps writes from being sent.
        var cut = await nodes.AddAsync(
            way.Address, limits: new RedisLimits { ReadTimeout = TimeSpan.FromMilliseconds(50), WriteTimeout = TimeSpan.FromSeconds(10), FailuresInRow = 1000, LeastCalls = 1000 });
        var version = 1;
        // 20,000 bytes of it in Redis, which show among those of syncs.
        var noise = Convert.ToHexString(RandomNumberGenerator.GetBytes(20_000));
        nodes.Origin.Get("/*", _ => Reply.Ok($"{Volatile.Read(ref version)} {noise}", Numbered.Fresh, "Cache-Tag: t"));

        await cut.FetchAsync("/first");
        await cut.UntilWrittenAsync(1);

        // What it stores from here on lies on the way, in the order it was sent.
        way.ToServer.Hold();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"1 {noise}", (await cut.FetchAsync($"/{i}")).Text);
        }

        // Four at once are written, and do not come back; the others wait for them.
        await cut.UntilMetric("cachegateway_l2_waiting", waiting => waiting <= 16);
        version = 2;
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "local" })).Status);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"2 {noise}", (await nodes.A.FetchAsync($"/{i}")).Text);
        }

        await nodes.A.UntilWrittenAsync(20);
        var before = way.ToServer.Forwarded;
        way.ToServer.Release();
        await nodes.UntilApplied(cut);
        await cut.UntilMetric("cachegateway_l2_waiting", count => count == 0);
        await Deadline.Until(() => Task.FromResult(way.ToServer.Forwarded - before > 3 * 20_000), "writes arrive that were held");

        var late = await nodes.AddAsync();
        for (var i = 0; i < 20; i++)
        {
            // Redis has what was stored last, and not that nobody could use.
            CacheAssert.Hit(await late.FetchAsync($"/{i}"));
            Assert.Equal(2, nodes.Origin.Requests($"/{i}"));
            Assert.Equal($"2 {noise}", (await late.FetchAsync($"/{i}")).Text);
            Assert.Equal($"2 {noise}", (await cut.FetchAsync($"/{i}")).Text);
        }
    }

    [Fault("F-21", "Stream trimmed past our place, or its ids jump")]
    [Fact]
    public async Task StreamTrimmedWhileANodeIsCutOff_IsNoticed()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var cut = await nodes.AddAsync(way.Address);
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        var before = (await cut.FetchAsync("/x")).Text;

        way.ToServer.Hold();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t", $"other{i}"], wait = "local" })).Status);
        }

        await nodes.Redis.RunAsync("XTRIM", Stream, "MAXLEN", 1);
        way.ToServer.Release();

        await cut.UntilMetric("cachegateway_bus_gaps", gaps => gaps == 1);
        await Nodes.UntilTrusted(cut);
        CacheAssert.NoLonger(before, await cut.FetchAsync("/x"));
        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true, wait = "all" })).Status);
        Assert.Equal(1, await cut.MetricAsync("cachegateway_bus_gaps"));
    }

    [Fault("F-24", "Tag invalidation and clocks that differ")]
    [Fact]
    public async Task ClocksThatDifferAndAreSet_ChangeNothing()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var (ahead, behind) = (new SetClock { Offset = TimeSpan.FromHours(1) }, new SetClock { Offset = TimeSpan.FromHours(-1) });
        var b = await nodes.AddAsync(clock: ahead);
        var c = await nodes.AddAsync(clock: behind);
        var version = 1;
        nodes.Origin.Get("/*", _ => Reply.Ok($"{Volatile.Read(ref version)}", Numbered.Fresh, "Cache-Tag: t"));
        for (var round = 1; round <= 6; round++)
        {
            await nodes.AllAnswer("/x", $"{round}");
            foreach (var node in (GatewayEnvironment[])[b, c])
            {
                var hit = await node.FetchAsync("/x");
                CacheAssert.Hit(hit);
                Assert.InRange(hit.Age ?? 0, 0, 50);
            }

            (ahead.Offset, behind.Offset) = (behind.Offset, ahead.Offset + TimeSpan.FromDays(round));
            CacheAssert.Hit(await b.FetchAsync("/x"));
            CacheAssert.Hit(await c.FetchAsync("/x"));
            Volatile.Write(ref version, round + 1);
            var on = (round % 3) switch { 0 => nodes.A, 1 => b, _ => c };
            Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" }, on)).Status);
            await nodes.AllAnswer("/x", $"{round + 1}");
        }
    }

    [Fact]
    public async Task RedisClockSetForward_NodesAreStillWaitedFor()
    {
        await using var nodes = await Nodes.StartAsync();

        // As after a step of an hour: by the clock, nobody was seen for an hour.
        await nodes.Redis.RunAsync("EVAL", """
            local t = redis.call('TIME')
            local then_ = string.format('%.0f', (tonumber(t[1]) - 3600) * 1000000)
            redis.call('HSET', 'test:{fence}:state', 'seen', then_)
            for i, v in ipairs(redis.call('HGETALL', 'test:{fence}:nodes')) do
              if i % 2 == 1 and v ~= '' then
                local old = redis.call('HGET', 'test:{fence}:nodes', v)
                redis.call('HSET', 'test:{fence}:nodes', v, (string.gsub(old, '^%d+', then_)))
              end
            end
            """, 0);
        var (status, receipt) = await nodes.RaiseAsync(new { all = true, wait = "all" });

        Assert.Equal(200, status);
        Assert.Equal(["a", "b"], receipt.GetProperty("applied").EnumerateArray().Select(node => node.GetProperty("node").GetString()!).Order());
    }

    [Fault("F-22", "Messages twice, in disorder, replayed")]
    [Fact]
    public async Task WakesTwiceAndInDisorder_ChangeNothing()
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        var state = (string[])(await nodes.Redis.RunAsync("HMGET", "test:{fence}:state", "incarnation", "newest"))!;
        await nodes.RaiseAsync(new { tags = (string[])["t"], soft = true, wait = "all" });
        await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" });
        var fetched = (await nodes.B.FetchAsync("/x")).Text;

        foreach (var later in (long[])[5000, 3000, 3000, -1, 0])
        {
            await nodes.Redis.RunAsync("PUBLISH", "test:{fence}:wake", $"{state[0]} {long.Parse(state[1], System.Globalization.CultureInfo.InvariantCulture) + later}");
        }

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["other"], wait = "all" })).Status);
        CacheAssert.Hit(await nodes.B.FetchAsync("/x"));
        Assert.Equal(fetched, (await nodes.B.FetchAsync("/x")).Text);
        Assert.Equal(0, await nodes.B.MetricAsync("cachegateway_bus_gaps"));
    }

    [Fault("F-25", "Partition of one gateway")]
    [Fact]
    public async Task NodeCutOff_ValidatesAndHurtsNobody_AndCatchesUp()
    {
        var maxBlind = TimeSpan.FromMilliseconds(900);
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { MaxBlind = maxBlind });
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var cut = await nodes.AddAsync(way.Address);
        var version = 1;
        nodes.Origin.Get("/*", _ => Reply.Ok($"{Volatile.Read(ref version)}", Numbered.Fresh, "Cache-Tag: t"));
        await nodes.AllAnswer("/x", "1");

        way.ToServer.Hold();
        way.ToClient.Hold();
        await Nodes.UntilTrusted(cut, trusted: false);
        Volatile.Write(ref version, 2);
        // Nobody waits for it longer than its blindness and two seconds.
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 10_000 })).Status);
        await nodes.AllAnswer("/x", "2");
        for (var i = 0; i < 100; i++)
        {
            await nodes.RaiseAsync(new { tags = (string[])[$"t{i}"], wait = "local" });
        }

        way.ToServer.Release();
        way.ToClient.Release();
        await Nodes.UntilTrusted(cut);
        await nodes.UntilApplied(cut);
        Assert.True(way.ToServer.Held > 0, "something was held");
    }

    [Fact]
    [Fault("F-26", "As many invalidations at once as nobody could be asked for at once: they wait for each other, and each is durable")]
    public async Task Burst_OnOneNode_IsTakenWhole()
    {
        await using var nodes = await Nodes.StartAsync(1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 600).Select(async i => (await nodes.RaiseAsync(new { tags = (string[])[$"t{i}"], wait = "local" })).Status));

        Assert.All(answers, answer => Assert.Equal(200, answer));
        Assert.Equal(0, await nodes.A.MetricAsync("cachegateway_bus_not_durable_total"));
    }

    [Fault("F-26", "Invalidation storm, giant tag")]
    [Fact]
    public async Task Storm_OfTenThousandTags_IsAppliedByAll()
    {
        await using var nodes = await Nodes.StartAsync();
        nodes.Origin.GetNumbered("/*", Numbered.Fresh, "Cache-Tag: t9999");
        await nodes.B.FetchAsync("/x");

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
            (await nodes.RaiseAsync(new { tags = Enumerable.Range(i * 10, 10).Select(tag => $"t{tag}"), wait = "local" }, i % 2 == 0 ? nodes.A : nodes.B)).Status));
        await UntilNothingWaitsAsync();
        for (var i = 0; i < 100; i++)
        {
            answers = [.. answers, (await nodes.RaiseAsync(new { all = true, wait = "local" })).Status];
        }

        await UntilNothingWaitsAsync();
        var (status, _) = await nodes.RaiseAsync(new { tags = (string[])["last"], wait = "all", timeoutMs = 20_000 });
        Assert.All(answers, answer => Assert.True(answer is 200 or 202));
        Assert.Equal(200, status);
        Assert.Equal("2", (await nodes.B.FetchAsync("/x")).Text);
        // One that names everything leaves no mark behind it.
        Assert.Equal(2, (long)(await nodes.Redis.RunAsync("ZCARD", "test:{fence}:marks")));

        async Task UntilNothingWaitsAsync()
        {
            foreach (var node in (GatewayEnvironment[])[nodes.A, nodes.B])
            {
                await node.UntilMetric("cachegateway_bus_journal", count => count == 0);
            }
        }
    }

    [Fault("F-26", "Invalidation storm, giant tag")]
    [Fact]
    public async Task MoreMarksThanKept_TheOldestCountAsRaisedForEverything()
    {
        await using var nodes = await Nodes.StartAsync(1, builder => builder.Services.AddSingleton(Nodes.PatientBus with { MaxMarks = 10 }));
        nodes.Origin.GetNumbered("/*", Numbered.Fresh, "Cache-Tag: unrelated");
        await nodes.A.FetchAsync("/old");
        await nodes.A.UntilWrittenAsync(1);

        for (var i = 0; i < 40; i++)
        {
            Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])[$"t{i}"], wait = "all" })).Status);
        }

        Assert.InRange((long)(await nodes.Redis.RunAsync("ZCARD", "test:{fence}:marks")), 1, 11);
        Assert.Equal("2", (await nodes.A.FetchAsync("/old")).Text);
        var late = await nodes.AddAsync();
        await late.FetchAsync("/new");
        CacheAssert.Hit(await late.FetchAsync("/new"));
        // What the floor covers is dead to a new node as well.
        CacheAssert.NoLonger("1", await late.FetchAsync("/old"));
    }

    [Theory]
    [InlineData(false, false, 200)]
    [InlineData(true, false, 202)]
    [InlineData(false, true, 202)]
    [Fault("F-05", "Redis has lost its data, and only a gateway that is new knows of nobody: who may have been forgotten is named as missing until he has stopped")]
    public async Task NewNodeOnARedisThatMayHaveForgotten_WaitsForTheForgotten(bool emptyIsLoss, bool leavesTraces, int first)
    {
        await using var nodes = await Nodes.StartAsync(0, settings => settings with { EmptyRedisIsLoss = emptyIsLoss, MaxBlind = TimeSpan.FromSeconds(4) });
        if (leavesTraces)
        {
            // Something of the fence is there, and not all of it.
            await nodes.Redis.RunAsync("HSET", "test:{fence}:nodes", "", "");
        }

        await nodes.AddAsync();
        // The forgotten are waited for six seconds.
        var (status, receipt) = await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = first == 200 ? 5000 : 2000 });

        Assert.Equal(first, status);
        Assert.Equal(first == 200 ? [] : ["forgotten-by-redis"], receipt.GetProperty("missing").EnumerateArray().Select(node => node.GetString()));
        await Deadline.Until(async () => (await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 100 })).Status == 200, "nobody is waited for any more");
    }

    [Fact]
    [Fault("F-05", "Redis has lost its data, a new gateway takes that for a first start, and one of before comes back: whoever else was there is waited for")]
    public async Task GatewayOfBefore_SpeaksForTheForgotten()
    {
        await using var nodes = await Nodes.StartAsync(0, settings => settings with { MaxBlind = TimeSpan.FromSeconds(4) });
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var old = await nodes.AddAsync(way.Address);
        way.ToServer.Hold();
        await nodes.Redis.RunAsync("FLUSHALL");
        var late = await nodes.AddAsync();
        // In less than the six seconds that somebody forgotten would be waited for.
        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 5000 }, late)).Status);

        way.ToServer.Release();
        await old.UntilMetric("cachegateway_bus_incarnations", count => count == 2);

        var (status, receipt) = await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 2000 }, late);
        Assert.Equal(202, status);
        Assert.Contains("forgotten-by-redis", receipt.GetProperty("missing").EnumerateArray().Select(node => node.GetString()));
        await Deadline.Until(async () => (await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 100 }, late)).Status == 200, "nobody is waited for any more");
    }

    [Fact]
    public async Task OwnRaise_WhileAnothersIsStillMissingHere_FetchOfBeforeIsNotShared()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var version = 1;
        nodes.Origin.Get("/list", _ => Reply.Ok($"{Volatile.Read(ref version)}", Numbered.Fresh, "Cache-Tag: list"));
        nodes.Origin.Hold("/list");
        var before = nodes.A.GetAsync("/list");
        await nodes.Origin.Reached("/list");

        // As a raise of its own is answered while the one before it, another node's, has not come here yet.
        var replica = nodes.A.Services.GetRequiredService<FenceReplica>();
        var here = replica.Position;
        Volatile.Write(ref version, 2);
        replica.TakeOwn(new RaiseReply(here.Incarnation, here.Applied + (2 * FenceReplica.Step), here.Applied + FenceReplica.Step, false), here, new InvalidationScope { Tags = ["list"] });

        var after = nodes.A.GetAsync("/list");
        await nodes.A.UntilMetric("cachegateway_fill_waiting", count => count == 1);
        nodes.Origin.Release("/list");
        await before;
        Assert.Equal("2", (await after).Text);
        Assert.Equal(2, nodes.Origin.Requests("/list"));
    }

    [Fact]
    public async Task GatewaysWithDifferentBlindness_EachIsWaitedForAsLongAsItMayServe()
    {
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { MaxBlind = TimeSpan.FromSeconds(settings.Node == "a" ? 1 : 10) });
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        await nodes.AddAsync(way.Address);
        way.ToServer.Hold();

        // Four seconds later "b" still serves what it has: more than "a" itself might.
        await nodes.Redis.RunAsync("EVAL", """
            for i, v in ipairs(redis.call('HGETALL', 'test:{fence}:nodes')) do
              if i % 2 == 0 and string.match(v, ' b$') then
                local id = redis.call('HGETALL', 'test:{fence}:nodes')[i - 1]
                local seen = tonumber(string.match(v, '^%d+')) - 4000000
                redis.call('HSET', 'test:{fence}:nodes', id, (string.gsub(v, '^%d+', string.format('%.0f', seen))))
              end
            end
            """, 0);
        var (status, receipt) = await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 2000 });

        Assert.Equal(202, status);
        Assert.Equal(["b"], receipt.GetProperty("missing").EnumerateArray().Select(node => node.GetString()));
    }

    /// <summary>A wall clock that is wrong, and is set; time goes on at its own pace.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
