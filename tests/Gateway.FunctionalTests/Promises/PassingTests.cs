using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>A request that nobody waits for passes on its own, and what it brings is stored under its key: it must be asked for by that key.</summary>
public sealed class PassingTests
{
    private const string NoStore = "Cache-Control: no-store";

    /// <summary>By it a request that goes round in a circle is known (RFC 8586 2).</summary>
    [Fact]
    public async Task ForwardOnly_LeavesTheMarksOfProxies()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"forwardOnly\": true"));
        env.Origin.Get("/x", Reply.Ok("x"));

        await env.GetAsync("/x", "CDN-Loop: other; v=1", "Via: 1.1 other");

        Assert.Contains("other", env.Origin.Last("/x").Header("CDN-Loop"), StringComparison.Ordinal);
        Assert.Contains("other", env.Origin.Last("/x").Header("Via"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task IgnoredParameter_OfAPassingRequest_DoesNotReachTheOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"query\": { \"ignore\": [\"utm_*\"] } }"));
        env.Origin.Get("/p", request => Reply.Ok(request.Target, request.PathNumber == 1 ? NoStore : Numbered.Fresh));
        await env.GetAsync("/p?id=1");

        CacheAssert.Miss(await env.GetAsync("/p?id=1&utm_content=evil"), Reason.HitForMiss);

        Assert.Equal("/p?id=1", env.Origin.Last("/p").Target);
        Assert.Equal("/p?id=1", (await env.GetAsync("/p?id=1")).Text);
    }

    [Theory]
    [InlineData("Cache-Control: max-age=60")]
    [InlineData("Cache-Control: no-store", "CDN-Cache-Control: max-age=60")]
    [InlineData("Cache-Control: no-store", "Cache-Control: max-age=60, must-understand")]
    public async Task KeyThatWasRefusedAMomentAgo_IsStoredAsSoonAsItsAnswerAllows(params string[] allowed)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/p", request => Reply.Ok("x", request.PathNumber <= 4 ? [NoStore] : allowed));
        for (var i = 1; i <= 4; i++)
        {
            CacheAssert.NotStored(await env.GetAsync("/p"));
        }

        Assert.Equal(4, await env.MetricAsync("cachegateway_not_stored_total"));
        CacheAssert.Stored(await env.GetAsync("/p"));

        CacheAssert.Hit(await env.GetAsync("/p"));
    }

    [Fact]
    public async Task KeyThatWasRefused_IsStoredWithABodyOfUnknownLength()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/p", request => request.PathNumber == 1 ? Reply.Ok("x", NoStore) : Reply.Chunked(["in ", "pieces"], Numbered.Fresh));
        await env.GetAsync("/p");

        CacheAssert.Miss(await env.GetAsync("/p"), Reason.HitForMiss);
        await env.UntilMetric("cachegateway_memory_entries", count => count == 1);

        var stored = await env.GetAsync("/p");
        CacheAssert.Hit(stored);
        Assert.Equal("in pieces", stored.Text);
    }

    [Fact]
    public async Task Cookies_ThatAreNotKeyed_DoNotReachTheOriginOnAPass()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"cookies\": [\"lang\"] }"));
        env.Origin.Get("/p", request => Reply.Ok(request.Header("Cookie") ?? "none", request.PathNumber == 1 ? NoStore : Numbered.Fresh));
        await env.GetAsync("/p", "Cookie: lang=de");

        CacheAssert.Miss(await env.GetAsync("/p", "Cookie: session=alice; lang=de"), Reason.HitForMiss);

        Assert.Equal("lang=de", (await env.GetAsync("/p", "Cookie: session=bob; lang=de")).Text);
    }

    [Fact]
    public async Task ForwardOnly_HoldsOnAPassToo()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"forwardOnly\": true, \"key\": { \"headers\": [\"X-Tenant\"] }"));
        env.Origin.Get("/p", request => Reply.Ok("x", request.PathNumber == 1 ? NoStore : Numbered.Fresh));
        await env.GetAsync("/p", "X-Tenant: a");

        await env.GetAsync("/p", "X-Tenant: a", "X-Other: 1");

        Assert.Equal("a", env.Origin.Last("/p").Header("X-Tenant"));
        Assert.False(env.Origin.Last("/p").Has("X-Other"));
    }

    [Fact]
    public async Task Condition_OfAPassingClient_StillReachesTheOriginUnderForwardOnly()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"forwardOnly\": true"));
        env.Origin.Get("/p", request => Reply.Conditional(request, "\"v1\"", "x", NoStore));
        await env.GetAsync("/p");

        Assert.Equal(304, (await env.GetAsync("/p", "If-None-Match: \"v1\"")).Status);
    }

    [Fact]
    public async Task TagFields_AreRemovedOnAPassToo()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of());
        env.Origin.Get("/p", NoStoreThenFresh("Cache-Tag: a"));
        await env.GetAsync("/p");

        Assert.False((await env.GetAsync("/p")).Has("Cache-Tag"));
        CacheAssert.Hit(await env.GetAsync("/p"));
        await env.InvalidateAsync("a");
        CacheAssert.Miss(await env.GetAsync("/p"));
    }

    [Fact]
    public async Task Head_ThatSetsACookie_DoesNotPutItIntoTheStoredResponse()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "ETag: \"v1\"", Numbered.Fresh));
        env.Origin.On("HEAD", "/x", _ => Reply.Ok("x", "ETag: \"v1\"", Numbered.Fresh, "Set-Cookie: sid=alice"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        await env.SendAsync("HEAD", "/x");

        Assert.False((await env.GetAsync("/x")).Has("Set-Cookie"));
    }

    [Theory]
    [InlineData("Cache-Control: no-store")]
    [InlineData("Cache-Control: private, max-age=60")]
    public async Task Head_ThatForbidsStoring_DoesNotFreshenTheStoredResponse(string cacheControl)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", "ETag: \"v1\"", Numbered.Fresh);
        env.Origin.On("HEAD", "/x", _ => Reply.Ok("1", "ETag: \"v1\"", cacheControl));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        await env.SendAsync("HEAD", "/x");

        CacheAssert.Miss(await env.GetAsync("/x"));
    }

    [Fact]
    public async Task AnswerThatIsCutShort_WhileItPasses_IsCountedAsNotStored()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("1", NoStore), Reply.Chunked(["2"], Numbered.Fresh) with { LastChunk = false, Ending = ReplyEnding.Close });
        await env.GetAsync("/x");
        var before = await env.MetricAsync("cachegateway_not_stored_total");

        Assert.False((await env.GetAsync("/x")).Complete);

        await env.UntilMetric("cachegateway_not_stored_total", count => count == before + 1);
    }

    private static Reply[] NoStoreThenFresh(string header) => [Reply.Ok("1", NoStore, header), Reply.Ok("2", Numbered.Fresh, header)];

    [Theory]
    [Covers("RFC 9111 5.2.1.7", "only-if-cached: 504 also for what is never looked up")]
    [InlineData("GET", "/none")]
    [InlineData("HEAD", "/none")]
    [InlineData("GET", "/off")]
    [InlineData("GET", "/p", "Accept: text/event-stream")]
    [InlineData("GET", "/p?token=secret")]
    [InlineData("POST", "/p")]
    [InlineData("DELETE", "/none")]
    [InlineData("OPTIONS", "/p")]
    public async Task OnlyIfCached_OfWhatHasNoKey_IsNotForwarded(string method, string target, params string[] headers)
    {
        await using var env = await GatewayEnvironment.StartAsync(
            """{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m" }, "off": { "match": { "path": "/off" }, "enabled": false } } }""");

        var answer = await env.SendAsync(method, target, null, ["Cache-Control: only-if-cached", .. headers]);

        Assert.Equal((504, "only-if-cached"), (answer.Status, answer.CacheStatus!.Detail));
        Assert.Empty(env.Origin.Log);
    }

    [Fact]
    [Covers("RFC 9111 5.2.1.7", "a write with only-if-cached is none: it changes nothing and clears nothing")]
    public async Task OnlyIfCached_OfAWrite_ClearsNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/x", _ => Reply.Ok("x", Numbered.Fresh));
        await env.GetAsync("/x");

        Assert.Equal(504, (await env.SendAsync("PUT", "/x", "y", "Cache-Control: only-if-cached")).Status);

        CacheAssert.Hit(await env.GetAsync("/x"));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    /// <summary>Switched off, this is no cache.</summary>
    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task OnlyIfCached_WhereCachingIsOff_IsForwarded(string method)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "enabled": false, "policies": { "p": { "match": { "path": "/x" }, "ttl": "1m" } } }""");
        env.Origin.On(null, "/x", _ => Reply.Ok("x"));

        Assert.Equal(200, (await env.SendAsync(method, "/x", method == "PUT" ? "y" : null, "Cache-Control: only-if-cached")).Status);
    }

    /// <summary>The master switch takes caching away, and no other rule of a route: an export that takes its time still gets it, whoever switched the cache off in an incident.</summary>
    [Theory]
    [InlineData(true, "GET")]
    [InlineData(false, "GET")]
    [InlineData(true, "HEAD")]
    public async Task RulesOfForwarding_WhereCachingIsOff_Hold(bool inFile, string method)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = $$"""
                { "enabled": {{(inFile ? "false" : "true")}}, "policies": { "export": {
                    "match": { "path": "/x" }, "ttl": "1m", "firstByteTimeout": "1m", "betweenBytesTimeout": "1m", "dropRequestHeaders": ["X-Secret"] } } }
                """,
            Settings = settings => settings with { OriginTimeout = TimeSpan.FromMilliseconds(100), OriginIdleTimeout = TimeSpan.FromMilliseconds(100), CacheEnabled = inFile },
        });
        env.Origin.On(method, "/x", _ => Reply.Ok("x", "Cache-Tag: t", "Surrogate-Key: t"));
        env.Origin.Hold("/x");
        env.Origin.Get("/hung", Reply.Ok("late"));
        env.Origin.Hold("/hung");
        await using var client = await env.ConnectAsync();
        await client.SendAsync(method, "/x", ["X-Secret: s", "X-Forwarded-User: root"]);
        await env.Origin.Reached("/x");
        // The limit of the settings runs out twice while the first request waits.
        Assert.Equal(504, (await env.GetAsync("/hung")).Status);
        Assert.Equal(504, (await env.GetAsync("/hung")).Status);
        env.Origin.Release("/x");

        var answer = await client.ReadAsync(method);

        Assert.Equal((200, "cache-off"), (answer.Status, answer.CacheStatus?.Detail));
        Assert.Equal((null, null), (answer.Header("Cache-Tag"), answer.Header("Surrogate-Key")));
        Assert.Equal((null, null), (env.Origin.Last("/x").Header("X-Secret"), env.Origin.Last("/x").Header("X-Forwarded-User")));
    }

    [Fact]
    public async Task OnlyIfCached_AfterASoftInvalidation_IsNotForwarded()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh, "Cache-Tag: t"));
        await env.GetAsync("/x");
        using var receipt = await env.InvalidateAsync(new { tags = new[] { "t" }, soft = true });

        Assert.Equal(504, (await env.GetAsync("/x", "Cache-Control: only-if-cached")).Status);
        Assert.Equal(1, env.Origin.Requests("/x"));
    }
}
