using System.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Redis may be absent, killed, stopped or full: every answer stays right and prompt, and the gateway comes back to it by itself.</summary>
public sealed class OutageTests
{
    [Fact]
    [Fault("F-17", "Redis absent at start: the gateway serves, and joins when it comes")]
    public async Task AbsentAtStart_TheGatewayServes_AndJoinsLater()
    {
        await using var redis = RedisServer.Prepare();
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        a.Origin.Get("/y", Reply.Ok("y", "Cache-Control: max-age=60"));

        CacheAssert.Miss(await a.FetchAsync("/x"));
        // It has never joined the others: what they invalidate, it cannot know.
        CacheAssert.Miss(await a.FetchAsync("/x"), Reason.Blind);
        await redis.StartAsync();
        await a.UntilConnectedAsync();
        await UntilClosedAsync(a);
        await a.FetchAsync("/y");

        await a.UntilWrittenAsync(1);
        Assert.Single(await redis.KeysAsync());
    }

    [Fact]
    [Fault("F-01", "Redis killed: answers go on")]
    [Fault("F-05", "Redis restarted empty: it is filled again")]
    public async Task Killed_AnswersGoOn_AndTheRestartedEmptyServerIsFilledAgain()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        await redis.KillAsync();
        for (var i = 0; i < 20; i++)
        {
            var target = $"/after/{i}";
            a.Origin.Get(target, Reply.Ok(target, "Cache-Control: max-age=60"));
            Assert.Equal((200, target), await StatusAndTextAsync(a, target));
        }

        // Nobody waits for one that is gone, as for one that is slow.
        Assert.InRange(await CallsAsync(a, "read", "timeout"), 0, 1);
        CacheAssert.Hit(await a.FetchAsync("/x"));
        await redis.StartAsync();
        await a.UntilConnectedAsync();
        await UntilClosedAsync(a);
        a.Origin.Get("/again", Reply.Ok("again", "Cache-Control: max-age=60"));
        await a.FetchAsync("/again");
        await a.UntilWrittenAsync(2);
        Assert.Single(await redis.KeysAsync());
    }

    [Fault("F-01", "Redis killed between question and answer")]
    [Fact]
    public async Task KilledBetweenQuestionAndAnswer_TheReadIsAMiss()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var way = FaultProxy.Before(redis.Port);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync([way.Address], a);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        way.ToClient.Hold();
        var asked = way.ToServer.Forwarded;
        var answer = StatusAndTextAsync(b, "/x");
        await Deadline.Until(() => Task.FromResult(way.ToServer.Forwarded > asked), "b has asked");
        await redis.KillAsync();

        Assert.Equal((200, "x"), await answer);
        Assert.Equal(2, a.Origin.Requests("/x"));
        way.ToClient.Release();
    }

    /// <summary>Invalidations have a guard of their own: it is told that calls are held back, whoever's they are.</summary>
    [Fact]
    [Fault("F-02", "Redis hangs while nobody asks for anything: that the calls of invalidations are held back is told all the same")]
    public async Task Stopped_WithoutRequests_IsToldByTheGuardsOfInvalidations()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await a.UntilConnectedAsync();
        Assert.Equal(0, await a.MetricAsync("cachegateway_redis_breaker_open"));

        redis.Pause();
        try
        {
            await a.UntilMetric("cachegateway_redis_breaker_open", open => open == 1);
            Assert.True(a.Services.GetRequiredService<RedisGuard>().IsClosed);
        }
        finally
        {
            redis.Resume();
        }

        await a.UntilMetric("cachegateway_redis_breaker_open", open => open == 0);
    }

    [Fact]
    [Fault("F-02", "Redis hangs with its socket open: each answer comes in time, calls are held back, and go on when it does")]
    public async Task Stopped_EachAnswerComes_TheBreakerOpens_AndClosesWhenRedisGoesOn()
    {
        const int Requests = 12;
        await using var redis = await RedisServer.StartAsync();
        var limits = new RedisLimits { ReadTimeout = TimeSpan.FromMilliseconds(200), Pause = TimeSpan.FromSeconds(8) };
        await using var a = await RedisGateways.StartAsync(redis, configure: builder => builder.Services.AddSingleton(limits));
        await a.UntilConnectedAsync();
        a.Origin.Get("/warm", Reply.Ok("warm", "Cache-Control: max-age=60"));
        await a.FetchAsync("/warm");
        await a.UntilWrittenAsync(1);
        var guard = a.Services.GetRequiredService<RedisGuard>();
        var late = await CallsAsync(a, "read", "timeout");

        redis.Pause();
        try
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < Requests; i++)
            {
                var target = $"/stopped/{i}";
                a.Origin.Get(target, Reply.Ok(target, "Cache-Control: no-store"));
                Assert.Equal((200, target), await StatusAndTextAsync(a, target));
            }

            Assert.False(guard.IsClosed);
            // Those that opened the breaker waited for their limit, and one that tries again after each pause; the others for nothing.
            var most = limits.FailuresInRow + 1 + (int)(Stopwatch.GetElapsedTime(began) / limits.Pause);
            Assert.InRange(await CallsAsync(a, "read", "timeout") - late, 1, most);
            Assert.True(await CallsAsync(a, "read", "open") >= 1, "open calls are counted");
        }
        finally
        {
            redis.Resume();
        }

        await UntilClosedAsync(a);
        a.Origin.Get("/later", Reply.Ok("later", "Cache-Control: max-age=60"));
        await a.FetchAsync("/later");
        await a.UntilWrittenAsync(2);
    }

    [Fact]
    public async Task EveryOutcome_IsCountedAsOftenAsItHappened()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis, configure: builder => builder.Services.AddSingleton(new RedisLimits { Pause = TimeSpan.FromMinutes(1) }));
        await a.UntilConnectedAsync();
        var guard = a.Services.GetRequiredService<RedisGuard>();
        var seen = new Dictionary<RedisOutcome, int>();
        // One that stands still does not answer in any time, and one that lives does on every machine.
        var limit = TimeSpan.FromSeconds(10);
        async Task CallAsync(string command, params object[] arguments)
        {
            var reply = await guard.CallAsync("test", database => database.ExecuteAsync(command, arguments), limit);
            seen[reply.Outcome] = seen.GetValueOrDefault(reply.Outcome) + 1;
        }

        await redis.RunAsync("SET", "text", "1");
        for (var i = 0; i < 3; i++)
        {
            await CallAsync("GET", "text");
            await CallAsync("HGET", "text", "field");
        }

        redis.Pause();
        limit = TimeSpan.FromMilliseconds(50);
        for (var i = 0; i < 8; i++)
        {
            await CallAsync("GET", "text");
        }

        redis.Resume();

        Assert.Equal((3, 3, 5, 3), (seen[RedisOutcome.Ok], seen[RedisOutcome.Refused], seen[RedisOutcome.Timeout], seen[RedisOutcome.Open]));
        foreach (var (outcome, count) in seen)
        {
            Assert.Equal(count, await CallsAsync(a, "test", outcome.ToString().ToLowerInvariant()));
        }
    }

    [Fact]
    [Fault("F-18", "More calls to Redis than REDIS_MAX_CONNECTIONS allows: the surplus are misses, not a queue")]
    public async Task OverTheCap_CallsAreMisses_NotAQueue()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Redis = new RedisSettings { EndPoints = [redis.Address], MaxCalls = 2 } },
            Configure = builder => builder.Services.AddSingleton(TimeProvider.System),
        });
        await a.UntilConnectedAsync();
        var guard = a.Services.GetRequiredService<RedisGuard>();
        var answers = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource<int>()).ToArray();

        var calls = answers.Select(answer => guard.CallAsync("test", _ => answer.Task, TimeSpan.FromMinutes(1))).ToArray();
        var busy = await Deadline.Within(calls[2], "the call over the cap");
        answers[0].SetResult(1);
        answers[1].SetResult(2);

        Assert.Equal(RedisOutcome.Busy, busy.Outcome);
        Assert.Equal((1, 2), ((await calls[0]).Value, (await calls[1]).Value));
    }

    [Fact]
    public async Task ForgottenScripts_AreSentOnceMore()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        await redis.RunAsync("SCRIPT", "FLUSH");

        CacheAssert.Hit(await b.FetchAsync("/x"));
    }

    [Fact]
    [Fault("F-09", "Redis full (noeviction): writes are refused and counted, reads go on")]
    public async Task FullServer_RefusesWrites_AndStillAnswersReads()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        a.Origin.Get("/y", Reply.Ok("y", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);
        await redis.RunAsync("CONFIG", "SET", "maxmemory", "1");

        Assert.Equal("y", (await a.FetchAsync("/y")).Text);
        await a.UntilWrittenAsync(1, "rejected");

        CacheAssert.Hit(await b.FetchAsync("/x"));
        Assert.True(a.Services.GetRequiredService<RedisGuard>().IsClosed);
    }

    private static async Task<(int Status, string Text)> StatusAndTextAsync(GatewayEnvironment gateway, string target)
    {
        var answer = await gateway.FetchAsync(target);
        return (answer.Status, answer.Text);
    }

    private static Task<double> CallsAsync(GatewayEnvironment gateway, string call, string outcome) =>
        gateway.MetricAsync($"cachegateway_redis_calls_total{{call=\"{call}\",outcome=\"{outcome}\"}}");

    /// <summary>The breaker lets one call try each second; something has to try.</summary>
    private static Task UntilClosedAsync(GatewayEnvironment gateway)
    {
        var guard = gateway.Services.GetRequiredService<RedisGuard>();
        return Deadline.Until(async () => (await guard.CallAsync("test", database => database.PingAsync())).IsOk && guard.IsClosed, "calls go through again");
    }
}
