using CacheGateway.FunctionalTests.Policies;
using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group F: clearing the cache is nobody's right who only speaks to the public address, and means what it says to those who may.</summary>
public sealed class InvalidationTests
{
    [Theory]
    [Attack("F01", "Purging through the public address")]
    [InlineData("PURGE", "/hot", "X: 1")]
    [InlineData("BAN", "/hot", "X: 1")]
    [InlineData("REFRESH", "/", "X: 1")]
    [InlineData("GET", "/hot", "X-Purge: 1")]
    [InlineData("GET", "/hot", "X-Cache-Refresh: 1")]
    [InlineData("POST", "/__gw/purge", "X: 1")]
    [InlineData("POST", "/api/v2/cache/invalidate", "Content-Type: application/json")]
    [InlineData("POST", "/api/v2/cache/events", "Content-Type: application/json")]
    [InlineData("GET", "/metrics", "X: 1")]
    [InlineData("GET", "/healthz", "Host: 127.0.0.1")]
    [InlineData("GET", "/hot", "Cache-Group-Invalidation: \"g\"")]
    public async Task PublicAddress_TakesNoOrders(string method, string target, string line)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/*", request => Reply.Of(request.Method is "GET" ? 200 : 405, request.RequestLine, Numbered.Fresh, "Cache-Tag: t"));
        await env.GetAsync("/hot", "Host: gw.test");

        var answer = await env.SendAsync(method, target, method == "POST" ? """{"all":true,"tags":["t"]}""" : null, line);

        CacheAssert.Hit(await env.GetAsync("/hot", "Host: gw.test"));
        // What the gateway does not know it does not swallow either: the path is the origin's.
        Assert.True(target == "/hot" || env.Origin.Requests(target) == 1 || answer.Status == 421);
    }

    [Theory]
    [Attack("F05", "Tags that an origin reflects")]
    [InlineData("evil tag", "Cache-Tag")]
    [InlineData("a*", "Cache-Tag")]
    [InlineData("t\u00e9", "Cache-Tag")]
    [InlineData("a[b]", "Cache-Tag")]
    [InlineData("<257>", "Cache-Tag")]
    [InlineData("a\\b", "Surrogate-Key")]
    public async Task IllFormedTag_MakesAnAnswerUnstorable(string tag, string field)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh, $"{field}: {tag.Replace("<257>", new string('t', 257), StringComparison.Ordinal)}");

        await env.GetAsync("/x");

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Attack("F05", "Tags that an origin reflects")]
    public async Task ForeignTag_CausesMissesAndNothingElse()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/mine", Numbered.Fresh, "Cache-Tag: product:42, all, users");
        env.Origin.GetNumbered("/theirs", Numbered.Fresh, "Cache-Tag: product:42");
        await env.GetAsync("/mine");
        await env.GetAsync("/theirs");

        await env.InvalidateAsync("product:42");

        Assert.Equal(("2", "2"), ((await env.GetAsync("/mine")).Text, (await env.GetAsync("/theirs")).Text));
    }

    [Theory]
    [Attack("F04", "Patterns in names")]
    [InlineData("*")]
    [InlineData("a*")]
    [InlineData("?")]
    [InlineData("a[!b]")]
    [InlineData("\\")]
    [InlineData("^a$")]
    public async Task Pattern_IsALiteralOrRefused(string tag)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: a");
        await env.GetAsync("/x");

        using var answer = await env.InvalidateAsync(new { tags = (string[])[tag], prefixes = (string[])["/y*"] });

        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    [Theory]
    [Attack("F04", "Patterns in names")]
    [Attack("F15", "Orders without end")]
    [InlineData(300, 1)]
    [InlineData(1_000_000, 1)]
    [InlineData(10, 200_000)]
    public async Task OrderBeyondItsLimits_IsRefused(int length, int tags)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.InvalidateAsync(new { tags = Enumerable.Range(0, tags).Select(i => $"{i}".PadLeft(length, 't')).ToArray() });

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Theory]
    [Attack("F13", "A Location that names another host")]
    [InlineData("https://other.test/y")]
    [InlineData("//other.test/y")]
    [InlineData("http://gw.test:81/y")]
    [InlineData("http://gw.test@other.test/y")]
    public async Task Location_OfAnotherOrigin_InvalidatesNothingThere(string location)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/y", Numbered.Fresh);
        env.Origin.On("POST", "/x", _ => Reply.Of(201, "", $"Location: {location}", $"Content-Location: {location}"));
        foreach (var host in new[] { "other.test", "gw.test:81", "gw.test" })
        {
            await env.GetAsync("/y", $"Host: {host}");
        }

        await env.SendAsync("POST", "/x", "", "Host: gw.test");

        foreach (var host in new[] { "other.test", "gw.test:81", "gw.test" })
        {
            CacheAssert.Hit(await env.GetAsync("/y", $"Host: {host}"));
        }
    }

    [Fact]
    [Attack("F14", "Writes that flush a hot page")]
    public async Task Writes_WithoutEnd_CostOneFetchEach_HoweverManyRead()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/hot", "Cache-Control: max-age=60, stale-while-revalidate=60");
        env.Origin.On("POST", "/hot", _ => Reply.Of(303, ""));
        for (var i = 0; i < 10; i++)
        {
            await env.SendAsync("POST", "/hot", "", "Host: gw.test");
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => env.GetAsync("/hot", "Host: gw.test")));
        }

        Assert.InRange(env.Origin.LogOf("/hot").Count(request => request.Method == "GET"), 1, 10);
    }

    [Fact]
    [Attack("F14", "Writes that flush a hot page")]
    public async Task Writes_ThatTheOriginRefuses_FlushNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/hot", Numbered.Fresh);
        env.Origin.On("POST", "/hot", _ => Reply.Of(403, ""));
        await env.GetAsync("/hot", "Host: gw.test");

        await env.SendAsync("POST", "/hot", "", "Host: gw.test");

        CacheAssert.Hit(await env.GetAsync("/hot", "Host: gw.test"));
    }

    /// <summary>No answer of the origin says whether it let the writer in.</summary>
    [Fact]
    [Attack("F14", "Writes that flush a hot page")]
    public async Task Writes_ThatTheirClientGivesUp_HaveItAskedForAndNotFetchedAnew()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/hot", request => Reply.Conditional(request, "\"v1\"", "hot", Numbered.Fresh));
        env.Origin.On("POST", "/hot", _ => Reply.Of(403, ""));
        await env.GetAsync("/hot", "Host: gw.test");
        env.Origin.Hold("/hot");
        await using (var client = await env.ConnectAsync())
        {
            await client.SendAsync("POST", "/hot", ["Host: gw.test", "Content-Length: 0"]);
            await env.Origin.Reached("/hot", 2);
            client.Abort();
        }

        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        env.Origin.Release("/hot");

        Assert.Equal("hot", (await env.GetAsync("/hot", "Host: gw.test")).Text);
        Assert.Equal("\"v1\"", env.Origin.Last("/hot").Header("If-None-Match"));
        CacheAssert.Hit(await env.GetAsync("/hot", "Host: gw.test"));
    }

    [Theory]
    [Attack("F18", "A write that names thousands")]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Write_RaisesAsManyValuesOfAParameterAsAnAnswerHasTags_AndWithMoreIsRefused(bool before, int raises)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "pages": { "match": { "path": "/pages" }, "ttl": "1h", "tags": ["page:{query.page}"] },
                "saves": { "match": { "path": "/saves", "methods": ["POST"] }, "invalidates": ["page:{query.page}"], "invalidateBefore": {{(before ? "true" : "false")}} } } }
            """);
        env.Origin.On("GET", "/pages*", request => Reply.Ok(request.Target));
        env.Origin.On("POST", "/saves*", _ => Reply.Ok("saved"));
        string[] pages = [.. new[] { 0, 100, 255 }.Select(page => $"/pages?page={page}")];
        await AskAsync();

        var refused = await SaveAsync(300);

        Assert.Equal((400, "application/problem+json", "CacheGateway; error=http_request_error"), (refused.Status, refused.Header("Content-Type"), refused.Header("Proxy-Status")));
        Assert.Contains("more than 256 values", refused.Text, StringComparison.Ordinal);
        Assert.All(await AskAsync(), answer => CacheAssert.Hit(answer));
        Assert.Equal(pages, env.Origin.Log.Select(request => request.Target));
        Assert.Equal(0, await env.MetricAsync("cachegateway_invalidations_total"));

        var saved = await SaveAsync(256);

        Assert.Equal("saved", saved.Text);
        Assert.All(await AskAsync(), answer => CacheAssert.Miss(answer));
        Assert.Equal(raises, await env.MetricAsync("cachegateway_invalidations_total"));

        Task<RawResponse> SaveAsync(int values) => env.SendAsync("POST", $"/saves?{string.Join('&', Enumerable.Range(0, values).Select(page => $"page={page}"))}", "");

        async Task<IReadOnlyList<RawResponse>> AskAsync()
        {
            var answers = new List<RawResponse>();
            foreach (var page in pages)
            {
                answers.Add(await env.GetAsync(page, "Host: gw.test"));
            }

            return answers;
        }
    }

    [Theory]
    [Attack("F16", "A configuration that attacks its reader")]
    [InlineData("""{ "policies": { "a": { "match": { "path": "/a" }, "ttl": "1d", "ttl": "2d" } } }""")]
    [InlineData("""{ "policies": { "a": { "match": { "path": "/a" }, "ttl": "999999999999d" } } }""")]
    [InlineData("""{ "policies": { "../../etc": { "match": { "path": "/a" }, "ttl": "1d", "unknown": 1 } } }""")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("{\"policies\": {}} trailing")]
    [InlineData("\0\0\0\0")]
    [InlineData("")]
    public async Task Configuration_ThatAttacksItsReader_IsRefusedAndTheOldStays(string broken)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of());
        env.Origin.GetNumbered("/x");
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(broken);

        CacheAssert.Hit(await env.GetAsync("/x"));
    }
}
