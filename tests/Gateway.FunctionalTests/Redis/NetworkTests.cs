using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>A slow or broken way to Redis.</summary>
public sealed class NetworkTests
{
    private const int Entries = 20;

    [Fact]
    [Fault("F-03", "A slow way to Redis: below the time limit a hit, above it a miss")]
    public async Task SlowerThanTheLimit_IsAMiss_FasterIsAHit()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new RedisProxy(redis);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var patient = await StartAsync(new RedisLimits { ReadTimeout = TimeSpan.FromSeconds(10) });
        // Its pause outlasts the test: whether its breaker is open at the end is no matter of the machine's speed.
        await using var shipped = await StartAsync(new RedisLimits { Pause = TimeSpan.FromMinutes(1) });
        await FillAsync(a, patient, shipped);

        // Near neither limit: a loaded machine must not turn one into the other.
        proxy.Latency = TimeSpan.FromMilliseconds(400);
        CacheAssert.Hit(await patient.FetchAsync("/0"));
        for (var i = 1; i < 10; i++)
        {
            CacheAssert.Miss(await shipped.FetchAsync($"/{i}"));
        }

        Assert.False(shipped.Services.GetRequiredService<RedisGuard>().IsClosed);
        Assert.True(await shipped.MetricAsync("cachegateway_redis_calls_total{call=\"read\",outcome=\"open\"}") > 0, "the breaker opened");

        Task<GatewayEnvironment> StartAsync(RedisLimits limits) =>
            RedisGateways.StartAsync([proxy.Address], a, configure: builder => builder.Services.AddSingleton(limits));
    }

    [Fact]
    [Fault("F-03", "A way to Redis that is too slow for reads, and not for invalidations: the connection stays, and they are taken")]
    public async Task SlowerThanReadsMayBe_KeepsTheConnection()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var line = FaultProxy.Before(redis.Port, resp: true);
        await using var gateway = await RedisGateways.StartAsync([line.Address], configure: RedisGateways.ShippedLimits);
        await gateway.UntilConnectedAsync();
        gateway.Origin.Get("/*", Reply.Ok("x", "Cache-Control: no-store"));
        line.ToClient.Delay = TimeSpan.FromMilliseconds(150);
        var (before, began, asked) = (line.Accepted, System.Diagnostics.Stopwatch.GetTimestamp(), 0);
        // Longer than a connection may be silent.
        while (System.Diagnostics.Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(6))
        {
            await gateway.FetchAsync($"/{asked++}");
        }

        using var answer = await gateway.InvalidateAsync(new { tags = (string[])["t"], wait = "local" });

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(before, line.Accepted);
        Assert.True(await gateway.MetricAsync("cachegateway_redis_calls_total{call=\"read\",outcome=\"timeout\"}") > 0, "reads ran out of time");
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData(":7\r\n")]
    [InlineData("*2\r\n:1\r\n*0\r\n")]
    [InlineData("*2\r\n:1\r\n*3\r\n$-1\r\n$-1\r\n$-1\r\n")]
    [InlineData("$2147483647\r\n")]
    [InlineData("\0garbage\r\n\r\n")]
    [Fault("F-14", "Garbage from Redis, replies out of step: never a wrong body, the connection is made anew")]
    public async Task AnswerThatIsNoneOfOurs_NeverBecomesAWrongBody_AndTheConnectionIsMadeAnew(string injected)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new RedisProxy(redis);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync([proxy.Address], a);
        await FillAsync(a, b);

        proxy.Inject(injected);
        var answers = await Task.WhenAll(Enumerable.Range(0, Entries).Select(i => b.FetchAsync($"/{i}")));

        Assert.Equal(Enumerable.Range(0, Entries).Select(i => (200, $"body {i}")), answers.Select(answer => (answer.Status, answer.Text)));
        foreach (var key in await redis.KeysAsync())
        {
            Assert.Equal(4, (long)await redis.RunAsync("HLEN", key));
        }

        var more = 0;
        await Deadline.Until(
            async () =>
            {
                var target = $"/more/{more++}";
                a.Origin.Get(target, Reply.Ok(target, "Cache-Control: max-age=60"));
                await a.FetchAsync(target);
                await a.UntilWrittenAsync(Entries + more);
                var answer = await b.FetchAsync(target);
                Assert.Equal(target, answer.Text);
                return answer.CacheStatus!.IsHit;
            },
            "the connection is in step again");
    }

    [Fault("F-14", "RESP garbage, answers out of step")]
    [Fact]
    public async Task ReplySwallowed_EachLaterOneAnswersAnotherQuestion_AndNoBodyIsWrong()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var way = FaultProxy.Before(redis.Port, resp: true);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync([way.Address], a);
        await FillAsync(a, b);

        way.ToClient.SwallowReply();
        for (var round = 0; round < 3; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, Entries).Select(i => b.FetchAsync($"/{i}")));
            Assert.Equal(Enumerable.Range(0, Entries).Select(i => (200, $"body {i}")), answers.Select(answer => (answer.Status, answer.Text)));
        }

        Assert.Equal(1, way.ToClient.Swallowed);
    }

    [Fault("F-14", "RESP garbage, answers out of step")]
    [Fact]
    public async Task AnswersByteByByte_AreReadWhole()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var way = FaultProxy.Before(redis.Port);
        await using var a = await RedisGateways.StartAsync(redis);
        // Byte by byte takes its time.
        await using var b = await RedisGateways.StartAsync(
            [way.Address], a, configure: builder => builder.Services.AddSingleton(RedisGateways.PatientLimits with { ReadTimeout = TimeSpan.FromSeconds(10) }));
        way.ToClient.Slice = 1;
        await FillAsync(a, b);

        var answers = await Task.WhenAll(Enumerable.Range(0, Entries).Select(i => b.FetchAsync($"/{i}")));

        Assert.Equal(Enumerable.Range(0, Entries).Select(i => (200, $"body {i}")), answers.Select(answer => (answer.Status, answer.Text)));
        Assert.All(answers, answer => CacheAssert.Hit(answer));
        Assert.Equal(Entries, a.Origin.Log.Count);
        Assert.True(way.ToClient.Sliced > 0, "answers were sliced");
    }

    private static async Task FillAsync(GatewayEnvironment a, params GatewayEnvironment[] others)
    {
        foreach (var gateway in (GatewayEnvironment[])[a, .. others])
        {
            await gateway.UntilConnectedAsync();
        }

        for (var i = 0; i < Entries; i++)
        {
            a.Origin.Get($"/{i}", Reply.Ok($"body {i}", "Cache-Control: max-age=60"));
            await a.FetchAsync($"/{i}");
        }

        await a.UntilWrittenAsync(Entries);
    }
}
