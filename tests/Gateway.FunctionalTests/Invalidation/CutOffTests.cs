using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Model;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>A node that cannot know what was invalidated elsewhere, and what it does about its own.</summary>
public sealed class CutOffTests
{
    [Fact]
    [Fault("F-25", "A gateway cut off from Redis: it validates instead of serving, and sees again")]
    public async Task Blind_ValidatesInsteadOfServing_AndSeesAgain()
    {
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { MaxBlind = TimeSpan.FromSeconds(3) });
        nodes.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh));
        await nodes.A.FetchAsync("/x");
        CacheAssert.Hit(await nodes.A.FetchAsync("/x"));

        nodes.Redis.Pause();
        await Nodes.UntilTrusted(nodes.A, trusted: false);
        var blind = await nodes.A.FetchAsync("/x");

        Assert.Equal((200, "x"), (blind.Status, blind.Text));
        Assert.Equal(Reason.Blind.Text(), blind.CacheStatus?.Detail);
        Assert.Equal("\"v1\"", nodes.Origin.Last("/x").Header("If-None-Match"));
        nodes.Redis.Resume();
        await Nodes.UntilTrusted(nodes.A);
        CacheAssert.Hit(await nodes.A.FetchAsync("/x"));
        Assert.Equal(2, nodes.Origin.Requests("/x"));
    }

    [Fact]
    [Fault("F-25", "An invalidation while Redis is away: applied here, told as not durable, replayed later")]
    public async Task RedisAway_IsAppliedHereAndReplayedLater()
    {
        await using var nodes = await Nodes.StartAsync(2, settings => settings with { MaxBlind = TimeSpan.FromMinutes(5) });
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await nodes.A.FetchAsync("/x");
        await nodes.A.UntilWrittenAsync(1);
        await nodes.AllAnswer("/x", "1");

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["unrelated"], wait = "all" })).Status);
        nodes.Redis.Pause();
        var (status, receipt) = await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" });
        Assert.Equal((202, false), (status, receipt.GetProperty("durable").GetBoolean()));
        Assert.Equal("b", receipt.GetProperty("missing").EnumerateArray().Single().GetString());
        Assert.Equal("2", (await nodes.A.FetchAsync("/x")).Text);
        CacheAssert.Hit(await nodes.A.FetchAsync("/x"));
        nodes.Redis.Resume();

        await nodes.A.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
        await Deadline.Until(async () => await nodes.B.FetchAsync("/x") is { Status: 200, Text: not "1" }, "b learns of it");
    }

    [Fact]
    public async Task UnsafeMethod_WithRedisAway_IsAnsweredAndSeenHere()
    {
        await using var nodes = await Nodes.StartAsync(1);
        nodes.Origin.GetNumbered("/x", Numbered.Fresh);
        nodes.Origin.On("POST", "/x", _ => Reply.Of(201, "made"));
        await nodes.A.FetchAsync("/x");
        await nodes.Redis.KillAsync();

        await using var client = await nodes.A.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: shared.test\r\nContent-Length: 0\r\n\r\n");
        var answer = await client.ReadAsync("POST");

        Assert.Equal((201, "made"), (answer.Status, answer.Text));
        Assert.Equal("3", (await nodes.A.FetchAsync("/x")).Text);
    }

    /// <summary>The second gateway has a newer file, as all through a rolling deploy: what the first has no policy for may be stored by it.</summary>
    [Fact]
    [Fault("F-25", "More writes to paths that no policy takes than there are numbers between two epochs, with Redis away: what the gateway holds stays alive, and one with a newer policy file learns of them later")]
    public async Task WritesThatNoPolicyTakes_WithRedisAway_LeaveMemoryAlive_AndAreToldLater()
    {
        const string Old = """{ "policies": { "kept": { "match": { "path": "/kept" }, "ttl": "1h" } } }""";
        const string New = """{ "policies": { "kept": { "match": { "path": "/kept" }, "ttl": "1h" }, "new": { "match": { "path": "/new" }, "ttl": "1h" } } }""";
        await using var nodes = await Nodes.StartAsync(0, settings => settings with { MaxBlind = TimeSpan.FromMinutes(5) }, Old);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var a = await nodes.AddAsync(way.Address);
        var b = await nodes.AddAsync(policies: New);
        nodes.Origin.GetNumbered("/*");
        nodes.Origin.On("POST", "/new", _ => Reply.Of(201, "made"));
        await a.FetchAsync("/kept");
        var before = (await b.FetchAsync("/new")).Text;
        CacheAssert.Hit(await b.FetchAsync("/new"));

        await way.RefuseAsync();
        way.Cut();
        await WriteManyAsync(a, "/new");

        CacheAssert.Hit(await a.FetchAsync("/kept"));
        way.AcceptAgain();
        await Deadline.Until(async () => (await b.FetchAsync("/new")).Text != before, "the other learns of it");
        CacheAssert.Hit(await a.FetchAsync("/kept"));
        Assert.Equal(1, await a.MetricAsync("cachegateway_bus_incarnations"));
    }

    [Fact]
    public async Task MoreInvalidationsThanThereAreNumbers_WithRedisAway_AreSaidToEmptyTheNode()
    {
        using var log = new KeptLog();
        await using var nodes = await Nodes.StartAsync(1, builder => builder.Logging.AddProvider(log));
        nodes.Origin.On("POST", "/x", _ => Reply.Of(201, "made"));
        await nodes.Redis.KillAsync();

        await WriteManyAsync(nodes.A, "/x");

        Assert.Single(log.Lines, line => line.Contains("a life of its own", StringComparison.Ordinal));
    }

    /// <summary>One that is gone without a word counts as live for twelve seconds.</summary>
    [Fact]
    public async Task NodeThatStopped_IsNotWaitedFor()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var leaving = await nodes.AddAsync();
        await leaving.StopGatewayAsync();

        var (status, receipt) = await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 8000 });

        Assert.Equal(200, status);
        Assert.Equal("a", receipt.GetProperty("applied").EnumerateArray().Single().GetProperty("node").GetString());
    }

    [Fact]
    public async Task NodeThatIsSilent_IsMissingUntilItIsBlind()
    {
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { MaxBlind = TimeSpan.FromSeconds(3) });
        var now = (string[])(await nodes.Redis.RunAsync("TIME"))!;
        await nodes.Redis.RunAsync("HSET", "test:{fence}:nodes", "elsewhere/1/1", $"{now[0]}000000 0 0 silent");

        var (status, receipt) = await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 1500 });
        Assert.Equal(202, status);
        Assert.Equal("silent", receipt.GetProperty("missing").EnumerateArray().Single().GetString());

        // It counts as live for its blindness and two seconds more.
        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true, wait = "all", timeoutMs = 9000 })).Status);
    }

    /// <summary>Some 12,000 bytes an entry, 400,000 a second, one second for an answer: what was raised does not arrive in time at once, a quarter of it does.</summary>
    [Fact]
    [Fault("F-25", "More was raised meanwhile than a slow line brings in the time of one answer: the node takes it in smaller parts, and sees again")]
    public async Task MoreThanALineBringsAtOnce_IsTakenInParts()
    {
        await using var nodes = await Nodes.StartAsync(1, Nodes.ShippedBus);
        await using var line = FaultProxy.Before(nodes.Redis.Port, resp: true);
        var late = await nodes.AddAsync(line.Address);
        await line.RefuseAsync();
        line.Cut();
        for (var i = 0; i < 100; i++)
        {
            await nodes.RaiseAsync(new { tags = Enumerable.Range(0, 60).Select(n => $"{i}-{n}-{new string('t', 190)}"), wait = "none" });
        }

        line.ToClient.BytesPerSecond = 400_000;
        line.AcceptAgain();

        await nodes.UntilApplied(late, TimeSpan.FromSeconds(60));
        await Nodes.UntilTrusted(late);
        Assert.Equal(0, await late.MetricAsync("cachegateway_bus_gaps"));
    }

    [Fact]
    public async Task WhoLeavesWhileAllAreWaitedFor_LeavesTheRaiseTold()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var now = (string[])(await nodes.Redis.RunAsync("TIME"))!;
        await nodes.Redis.RunAsync("HSET", "test:{fence}:nodes", "elsewhere/1/1", $"{now[0]}000000 0 0 silent");
        var before = (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:stream");
        using var leaving = new CancellationTokenSource();
        var raising = nodes.A.InvalidateAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 60_000 }, leaving.Token);
        await Deadline.Until(async () => (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:stream") > before, "it is raised");

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => raising);
        await nodes.A.UntilMetric("cachegateway_invalidations_total", count => count == 1);
    }

    [Fact]
    [Fault("F-09", "Redis full: invalidations are still taken")]
    public async Task FullRedis_StillTakesInvalidations()
    {
        await using var nodes = await Nodes.StartAsync();
        await nodes.Redis.RunAsync("CONFIG", "SET", "maxmemory", "1");

        Assert.Equal(200, (await nodes.RaiseAsync(new { all = true, wait = "all" })).Status);
    }

    [Fact]
    [Fault("F-10", "A Redis that may evict what must not be: a warning in health")]
    public async Task ServerThatMayEvictTheFence_IsWarnedAbout()
    {
        await using var nodes = await Nodes.StartAsync(1, null, null, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");

        using var health = await nodes.A.AdminAsync("/healthz");
        var text = await health.Content.ReadAsStringAsync();

        Assert.StartsWith("ok\n", text, StringComparison.Ordinal);
        Assert.Contains("allkeys-lru", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("allkeys-lru", "noeviction")]
    [InlineData("noeviction", "allkeys-lru")]
    [Fault("F-10", "What Redis may evict is changed while gateways run: the warning in health goes and comes")]
    public async Task EvictionThatIsChanged_IsWarnedAboutAsItIs(string before, string after)
    {
        await using var nodes = await Nodes.StartAsync(0, null, null, "--maxmemory", "100mb", "--maxmemory-policy", before);
        var time = new ManualTime();
        await nodes.AddAsync(clock: time);
        await UntilWarned(before);

        await nodes.Redis.RunAsync("CONFIG", "SET", "maxmemory-policy", after);

        await UntilWarned(after);

        // Less at a time than one answer may take.
        Task UntilWarned(string policy) => Deadline.Until(
            async () =>
            {
                time.AdvanceSeconds(1);
                using var health = await nodes.A.AdminAsync("/healthz");
                var text = await health.Content.ReadAsStringAsync();
                return policy == "noeviction" ? !text.Contains("evicts", StringComparison.Ordinal) : text.Contains($"evicts with {policy}", StringComparison.Ordinal);
            },
            $"health knows of {policy}", TimeSpan.FromMinutes(1));
    }

    /// <summary>One after the other, on one connection: more than 1,023.</summary>
    private static async Task WriteManyAsync(GatewayEnvironment node, string target)
    {
        await using var client = await node.ConnectAsync();
        for (var i = 0; i < 1100; i++)
        {
            await client.SendAsync($"POST {target} HTTP/1.1\r\nHost: shared.test\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal(201, (await client.ReadAsync("POST")).Status);
        }
    }
}
