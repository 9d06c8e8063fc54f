using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Redis takes a raise and refuses a part of it, or takes none: what is written is told as written, and nothing is written over and over.</summary>
public sealed class RefusedTests
{
    private const string Stream = "test:{fence}:stream";
    private const string Audit = "test:{fence}:audit";
    private const string Refused = "cachegateway_redis_calls_total{call=\"fence-raise\",outcome=\"refused\"}";

    [Fact]
    [Fault("F-13", "The right to the channel of the bus is missing: invalidations are taken once, reach every gateway, and health says what is refused")]
    public async Task ChannelRefused_RaisesAreTakenOnce()
    {
        await using var redis = await RedisServer.StartAsync("--user", "default", "on", ">secret", "~*", "resetchannels", "+@all", "--user", "admin", "on", ">admin", "~*", "&*", "+@all");
        using var log = new KeptLog();
        await using var a = await RedisGateways.StartAsync(redis, password: "secret", configure: builder => builder.Logging.AddProvider(log));
        await using var b = await RedisGateways.StartAsync(redis, a, password: "secret");
        a.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await b.FetchAsync("/x");
        var before = await LengthAsync();

        for (var round = 1; round <= 3; round++)
        {
            using var answer = await a.InvalidateAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 10000 });
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("durable").GetBoolean());
            Assert.Equal(before + round, await LengthAsync());
            Assert.Equal($"{round + 1}", (await b.FetchAsync("/x")).Text);
        }

        using var health = await a.AdminAsync("/healthz");
        Assert.Contains("PUBLISH: ", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Deadline.Until(() => Task.FromResult(log.Lines.Any(line => line.Contains("refuses a part", StringComparison.Ordinal))), "the log tells");
        Assert.Single(log.Lines, line => line.Contains("refuses a part", StringComparison.Ordinal));
        Assert.Single(log.Lines, line => line.Contains("Not subscribed to the bus", StringComparison.Ordinal));

        async Task<long> LengthAsync() => long.Parse(
            await redis.CommandLineAsync("--user", "admin", "--pass", "admin", "XLEN", Stream), System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    [Fault("F-10", "Somebody wrote another type where the audit lies: invalidations are taken once, and the audit begins anew")]
    public async Task AuditOfAnotherType_RaisesAreTakenOnce()
    {
        await using var nodes = await Nodes.StartAsync();
        await nodes.Redis.RunAsync("SET", Audit, "foo");
        var before = (long)await nodes.Redis.RunAsync("XLEN", Stream);

        var (status, receipt) = await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" });

        Assert.Equal((200, true), (status, receipt.GetProperty("durable").GetBoolean()));
        Assert.Equal(before + 1, (long)await nodes.Redis.RunAsync("XLEN", Stream));
        Assert.Equal(1, (long)await nodes.Redis.RunAsync("XLEN", Audit));
    }

    [Fact]
    [Fault("F-13", "A right is taken away without which no raise can be taken: it is tried again at the pace of syncs and no faster, no life ends, and it is raised when the right is back")]
    public async Task FailedReplay_WaitsForTheNextSync()
    {
        await using var nodes = await Nodes.StartAsync();
        await nodes.Redis.RunAsync("ACL", "SETUSER", "default", "-zadd");
        Assert.Equal(202, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 100 })).Status);
        await nodes.A.UntilMetric(Refused, count => count >= 2);
        var clock = Stopwatch.StartNew();
        var from = await nodes.A.MetricAsync(Refused);
        await nodes.A.UntilMetric(Refused, count => count >= from + 3);

        // Three more are two pauses apart at least, whatever the machine does.
        Assert.InRange(clock.Elapsed.TotalMilliseconds, 900, double.MaxValue);
        await nodes.Redis.RunAsync("ACL", "SETUSER", "default", "+zadd");
        await nodes.A.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
        await nodes.UntilIncarnation(1);
    }

    [Fact]
    [Fault("F-01", "Redis is away while much is written: the log says so once a second at most, and how much it left out")]
    public async Task ManyRaisesWithoutRedis_AreLoggedOnceASecond()
    {
        using var log = new KeptLog();
        await using var nodes = await Nodes.StartAsync(1, builder => builder.Logging.AddProvider(log));
        await nodes.Redis.KillAsync();
        var clock = Stopwatch.StartNew();

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(202, (await nodes.RaiseAsync(new { tags = (string[])["t"] })).Status);
        }

        Assert.InRange(log.Lines.Count(line => line.Contains("was applied here alone", StringComparison.Ordinal)), 1, clock.Elapsed.TotalSeconds + 1);
    }

    /// <param name="entries">In the stream already.</param>
    /// <param name="age">Of the first of them, in microseconds before the newest; each is one younger.</param>
    /// <param name="least">Left at least: Redis trims whole nodes of a hundred entries.</param>
    [Theory]
    [InlineData(1_000, 1_200_000_000, 1)]
    [InlineData(1_000, 500_000_000, 1_001)]
    [InlineData(101_500, 200_000, 100_000)]
    public async Task Stream_IsBounded_ByAgeAndByLength(int entries, long age, int least)
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes.Redis.RunAsync(
            "EVAL",
            """
            local newest = tonumber(redis.call('HGET', 'test:{fence}:state', 'newest'))
            redis.call('DEL', KEYS[1])
            for i = 0, ARGV[1] - 1 do redis.call('XADD', KEYS[1], string.format('%.0f-0', newest - ARGV[2] + i), 'v', '1') end
            """,
            1, Stream, entries, age);

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "local" })).Status);

        Assert.InRange((long)await nodes.Redis.RunAsync("XLEN", Stream), least, least + 100);
    }

    [Fact]
    public async Task Audit_IsBounded()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes.Redis.RunAsync("EVAL", "for i = 1, 11500 do redis.call('XADD', KEYS[1], '*', 'v', '1') end", 1, Audit);

        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "local" })).Status);

        Assert.InRange((long)await nodes.Redis.RunAsync("XLEN", Audit), 10_000, 10_100);
    }

    [Fact]
    [Fault("F-49", "A flood of webhooks and events, each with another id: Redis remembers the newest of them and no more")]
    public async Task RememberedCauses_AreBounded_TheOldestGo()
    {
        await using var nodes = await Nodes.StartAsync(1, builder => builder.Services.AddSingleton(Nodes.PatientBus with { MaxRemembered = 3 }));
        var bus = nodes.A.Services.GetRequiredService<IInvalidationBus>();
        for (var i = 0; i < 6; i++)
        {
            Assert.False(await IsRepeatedAsync($"cause {i}"));
        }

        Assert.Equal(3, (long)await nodes.Redis.RunAsync("ZCARD", "test:{fence}:done"));
        Assert.InRange((long)await nodes.Redis.RunAsync("PTTL", "test:{fence}:done"), 80_000_000, 86_400_000);
        Assert.True(await IsRepeatedAsync("cause 5"));
        Assert.True(await IsRepeatedAsync("cause 3"));
        Assert.False(await IsRepeatedAsync("cause 2"), "the oldest went");
        await nodes.Redis.RunAsync("SET", "test:{fence}:done", "foo");
        Assert.False(await IsRepeatedAsync("cause 5"), "another type lay there");
        Assert.True(await IsRepeatedAsync("cause 5"));
        // As if a day had passed.
        await nodes.Redis.RunAsync("ZADD", "test:{fence}:done", DateTimeOffset.UtcNow.AddHours(-25).ToUnixTimeMilliseconds() * 1000, "cause 5");
        Assert.False(await IsRepeatedAsync("cause 5"), "it is a day old");

        async Task<bool> IsRepeatedAsync(string cause) => (await bus.RaiseAsync(
            new InvalidationOrder { Id = cause, Scope = new InvalidationScope { Tags = ["t"] }, Source = InvalidationSource.Event, Once = cause }, CancellationToken.None)).IsRepeated;
    }
}
