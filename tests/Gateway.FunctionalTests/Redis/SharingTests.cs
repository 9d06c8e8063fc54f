using CacheGateway.FunctionalTests.Admin;
using CacheGateway.FunctionalTests.Invalidation;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>What one gateway stored, another serves.</summary>
public sealed class SharingTests
{
    [Fact]
    public async Task SecondGateway_ServesWhatTheFirstStored()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok("same\0bytes", "Cache-Control: max-age=60", "ETag: \"v1\"", "Content-Type: text/x", "X-Own: kept"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();

        var first = await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);
        var second = await b.FetchAsync("/x");
        var third = await b.FetchAsync("/x");

        CacheAssert.Miss(first, Reason.Miss);
        CacheAssert.Hit(second, Reason.Fresh);
        CacheAssert.Hit(third, Reason.Fresh);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(("\"v1\"", "text/x", "kept"), (second.Header("ETag"), second.Header("Content-Type"), second.Header("X-Own")));
        Assert.Equal(1, a.Origin.Requests("/x"));
        Assert.Equal(1, await b.SharedAsync("reads", "hit"));
    }

    /// <summary>They go before <c>private</c>: who takes one out of the list does so because it showed what it should not.</summary>
    [Fact]
    public async Task WhatWasStoredByOtherTargetedFields_IsNotServed()
    {
        await using var nodes = await Nodes.StartAsync(2, settings => settings.Node == "a" ? settings : settings with { TargetedFields = ["CacheGateway-Cache-Control"] });
        nodes.Origin.Get("/x", request => Reply.Ok(request.Header("Cookie") ?? "nobody", "Cache-Control: private", "CDN-Cache-Control: public, max-age=60"));
        await nodes.A.FetchAsync("/x", "Cookie: alice");
        await nodes.A.UntilWrittenAsync(1);

        Assert.Equal("bob", (await nodes.B.FetchAsync("/x", "Cookie: bob")).Text);
    }

    [Fact]
    public async Task Age_OnTheSecondGateway_GoesOnFromTheFirst()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=600", "Age: 100"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();

        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);
        var answer = await b.FetchAsync("/x");

        Assert.InRange(answer.Age!.Value, 100, 101 + (int)System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    [Fact]
    public async Task Variants_AreSharedSideBySide_AndUnknownOnesAreMisses()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", request => Reply.Ok(request.Header("X-Tongue") ?? "none", "Cache-Control: max-age=60", "Vary: X-Tongue"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        foreach (var tongue in (string[])["de", "fr"])
        {
            await a.FetchAsync("/x", $"X-Tongue: {tongue}");
        }

        await a.UntilWrittenAsync(2);

        Assert.Equal("fr", (await b.FetchAsync("/x", "X-Tongue: fr")).Text);
        Assert.Equal("de", (await b.FetchAsync("/x", "X-Tongue: de")).Text);
        Assert.Equal(2, a.Origin.Requests("/x"));
        Assert.Equal("none", (await b.FetchAsync("/x")).Text);
        Assert.Equal(3, a.Origin.Requests("/x"));
        Assert.Single(await redis.KeysAsync());
    }

    [Fact]
    public async Task Refresh_ByA304_RewritesTheHeadAlone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        var body = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(100_000));
        a.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", body, "Cache-Control: no-cache, max-age=60", $"X-Count: {request.PathNumber}"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);
        var sent = await NetInputAsync(redis);

        // The gateway that read it from Redis validates it: the body it holds is known to lie there.
        var validated = await b.FetchAsync("/x");
        await b.UntilWrittenAsync(1, "head-written");

        Assert.Equal(body, validated.Text);
        Assert.InRange(await NetInputAsync(redis) - sent, 1, 20_000);
        Assert.Equal((2, "2"), (a.Origin.Requests("/x"), validated.Header("X-Count")));
    }

    [Fact]
    public async Task EveryKey_HasATimeToLive_OfLifetimeAndStaleWindow()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.Get("/plain", Reply.Ok("x", "Cache-Control: max-age=60"));
        a.Origin.Get("/stale", Reply.Ok("x", "Cache-Control: max-age=60, stale-while-revalidate=30, stale-if-error=100"));
        await a.UntilConnectedAsync();

        await a.FetchAsync("/plain");
        await a.FetchAsync("/stale");
        await a.UntilWrittenAsync(2);

        Assert.InRange(await TimeToLiveAsync(redis, "/plain"), 50_000, 60_000);
        Assert.InRange(await TimeToLiveAsync(redis, "/stale"), 150_000, 160_000);
    }

    [Theory]
    [Attack("C09", "Private answers in the shared tier")]
    [InlineData("Cache-Control: private, max-age=60")]
    [InlineData("Cache-Control: no-store")]
    [InlineData("Cache-Control: max-age=60\r\nSet-Cookie: a=b")]
    [InlineData("Cache-Control: max-age=60\r\nVary: *")]
    public async Task WhatMayNotBeStored_NeverReachesRedis(string headers)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.Get("/x", Reply.Ok("secret", headers.Split("\r\n")));
        a.Origin.Get("/y", Reply.Ok("public", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();

        await a.FetchAsync("/x");
        await a.FetchAsync("/y");
        await a.UntilWrittenAsync(1);

        Assert.Single(await redis.KeysAsync());
        Assert.Contains("/y", Assert.Single(await redis.KeysAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoDeployments_OnOneRedis_DoNotSeeEachOther()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis, deployment: "one");
        await using var b = await RedisGateways.StartAsync(redis, a, deployment: "two");
        a.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();

        Assert.Equal("1", (await a.FetchAsync("/x")).Text);
        await a.UntilWrittenAsync(1);
        Assert.Equal("2", (await b.FetchAsync("/x")).Text);
        await b.UntilWrittenAsync(1);

        Assert.Equal(["one:", "two:"], (await redis.KeysAsync()).Select(key => key[..4]).Order());
    }

    [Fact]
    public async Task Compressible_Bodies_LieInRedisCompressed_AndComeBackWhole()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        var body = string.Concat(Enumerable.Range(0, 40_000).Select(number => $"{number},"));
        a.Origin.Get("/x", Reply.Ok(body, "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();

        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);
        var field = Assert.Single(await (await redis.ClientAsync()).HashGetAllAsync(Assert.Single(await redis.KeysAsync())), entry => ((string)entry.Name!).StartsWith("b:", StringComparison.Ordinal));

        Assert.InRange(((byte[])field.Value!).Length, 1, body.Length / 2);
        Assert.Equal(body, (await b.FetchAsync("/x")).Text);
        Assert.Equal(1, a.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Invalidated_OnTheReader_IsNotServedFromRedis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", "Cache-Control: max-age=60", "Cache-Tag: t"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        await b.InvalidateAsync("t");

        Assert.Equal("2", (await b.FetchAsync("/x")).Text);
    }

    [Fact]
    public async Task ManyReaders_OfOneKey_ShareOneReadOfRedis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => b.FetchAsync("/x")));

        Assert.All(answers, answer => CacheAssert.Hit(answer));
        Assert.InRange(await b.SharedAsync("reads", "hit"), 1, 31);
        Assert.Equal(1, a.Origin.Requests("/x"));
    }

    /// <summary>What another gateway stored is explained as it would be answered, and stays where it is.</summary>
    [Fact]
    public async Task WhatOnlyRedisHas_IsExplainedAsAHit_AndNotTakenIntoMemory()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        var known = await b.PostJsonAsync("explain", new { url = "http://shared.test/x" });
        var unknown = await b.PostJsonAsync("explain", new { url = "http://shared.test/y" });

        Assert.Equal(("hit", "fresh"), (known.Text("outcome"), known.Text("reason")));
        Assert.Equal(("found", "0 variants in this node's memory, 1 variant from Redis"), LookUp(known));
        Assert.Equal(1, known.GetProperty("stored").GetArrayLength());
        Assert.Equal(("fetch", "miss"), (unknown.Text("outcome"), unknown.Text("reason")));
        Assert.Equal(("nothing stored", "0 variants in this node's memory, 0 variants from Redis"), LookUp(unknown));
        Assert.Equal(0, await b.MetricAsync("cachegateway_memory_bytes"));
        CacheAssert.Hit(await b.FetchAsync("/x"));
        Assert.Equal(("found", "1 variant in this node's memory"), LookUp(await b.PostJsonAsync("explain", new { url = "http://shared.test/x" })));

        static (string?, string?) LookUp(System.Text.Json.JsonElement answer)
        {
            var step = answer.GetProperty("steps").EnumerateArray().Single(one => one.Text("name") == "look up");
            return (step.Text("result"), step.Text("detail"));
        }
    }

    private static async Task<long> NetInputAsync(RedisServer redis)
    {
        var text = (string)(await redis.RunAsync("INFO", "stats"))!;
        return long.Parse(text.Split("total_net_input_bytes:")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<long> TimeToLiveAsync(RedisServer redis, string path) =>
        (long)await redis.RunAsync("PTTL", (await redis.KeysAsync()).Single(key => key.Contains(path, StringComparison.Ordinal)));
}
