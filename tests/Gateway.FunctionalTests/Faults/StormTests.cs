using System.Globalization;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>Too much of one thing: errors, expiries, one-time paths, clients.</summary>
public sealed class StormTests
{
    private const string Stale = "Cache-Control: max-age=60, stale-if-error=600";

    [Theory]
    [Fault("F-33", "A storm of 5xx: a good entry is never replaced, it is served within stale-if-error, and the first 200 is taken")]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Errors_NeverReplaceAGoodEntry(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var storm = true;
        env.Origin.Get("/x", Reply.Ok("good", Stale));
        await env.GetAsync("/x");
        env.Origin.Get("/x", _ => storm ? Reply.Of(status, "storm", "Cache-Control: max-age=600", "Retry-After: 5") : Reply.Ok("better", Stale));
        env.Time.AdvanceSeconds(61);

        for (var i = 0; i < 50; i++)
        {
            CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);
            env.Time.AdvanceSeconds(1);
        }

        storm = false;
        Assert.Equal("better", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Fault("F-33", "An origin that flaps between 200 and 503: each error is told or covered by a stale answer, none is kept, each 200 counts at once")]
    public async Task Flapping_EachAnswerIsItsOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => request.PathNumber % 2 == 1 ? Reply.Of(503, "away") : Reply.Ok(request.PathNumber.ToString(CultureInfo.InvariantCulture), "Cache-Control: max-age=1"));

        for (var i = 1; i <= 20; i++)
        {
            var answer = await env.GetAsync("/x");
            Assert.True(i % 2 == 1 ? answer.Status == 503 || answer.CacheStatus!.IsHit : answer.Text == $"{i}", $"{i}: {answer}");
            env.Time.AdvanceSeconds(2);
        }
    }

    [Fact]
    [Fault("F-34", "Everything expires or is invalidated at once: each key is fetched once, and never more fetches at a time than allowed")]
    public async Task MassExpiry_EachKeyOnce()
    {
        const int Keys = 300;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/*", Numbered.Fresh, "Cache-Tag: all");
        foreach (var key in Enumerable.Range(0, Keys))
        {
            await env.GetAsync($"/{key}");
        }

        await env.InvalidateAsync("all");
        await Parallel.ForEachAsync(Enumerable.Range(0, Keys * 3), new ParallelOptions { MaxDegreeOfParallelism = 30 }, async (i, _) =>
            Assert.Equal(200, (await env.GetAsync($"/{i % Keys}")).Status));

        Assert.Equal(2 * Keys, env.Origin.Log.Count);
    }

    [Fact]
    [Fault("F-52", "A flood of paths that are asked for once, with hot ones beside: the hot ones stay in memory")]
    public async Task OneTimePaths_DoNotWashTheHotOnesOut()
    {
        const int Hot = 50;
        const int Flood = 4000;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 4 * 1024 * 1024 } });
        env.Origin.Get("/*", Reply.Ok(new string('x', 4000), "Cache-Control: max-age=6000"));
        await using var client = await env.ConnectAsync();
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < Hot; i++)
            {
                await client.GetAsync($"/hot/{i}");
            }
        }

        var hits = 0;
        var asked = 0;
        for (var i = 0; i < Flood; i++)
        {
            await client.GetAsync($"/once/{i}");
            if (i % 4 == 0)
            {
                asked++;
                hits += (await client.GetAsync($"/hot/{i / 4 % Hot}")).CacheStatus!.IsHit ? 1 : 0;
            }
        }

        Assert.True(hits >= asked * 0.95, $"{hits} of {asked} hot requests were hits");
    }

    [Fact]
    [Fault("F-26", "Ten thousand invalidations in a row: each is quick, the table of marks stays bounded, and each holds")]
    public async Task ManyInvalidations_EachHolds()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t9999");
        await env.GetAsync("/x");

        foreach (var batch in Enumerable.Range(0, 10_000).Chunk(100))
        {
            await env.InvalidateAsync([.. batch.Select(i => $"t{i}")]);
        }

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    [Fact]
    [Fault("F-17", "Redis and the origin come up after the gateway, in any order: it serves as soon as there is an origin, and shares as soon as there is a Redis")]
    public async Task RedisAndOriginComeLater()
    {
        await using var redis = RedisServer.Prepare();
        await using var later = ScriptedOrigin.Start(TimeProvider.System);
        later.Get("/x", Reply.Ok("x", Numbered.Fresh));
        await later.GoAway();
        await using var gateway = await GatewayProcess.StartAsync(later.Address, ["--redis", redis.Address, "--deployment-id", "test"]);
        Assert.Equal(502, (await gateway.GetAsync("/x")).Status);
        Assert.Equal(200, await gateway.ReadyAsync());

        later.Return();
        Assert.Equal("x", (await gateway.GetAsync("/x")).Text);
        await redis.StartAsync();
        await gateway.UntilMetric("cachegateway_bus_trusted", trusted => trusted == 1);
        await Deadline.Until(async () => (await gateway.GetAsync("/x")).CacheStatus!.IsHit, "it serves from memory once it has joined");
    }
}
