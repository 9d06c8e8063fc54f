using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Every door of invalidation, and what it must not touch.</summary>
public sealed class InvalidationTests
{
    private const string Policies = """
        { "policies": {
            "list": { "match": { "path": "/products" }, "ttl": "60s", "tags": ["products"] },
            "one":  { "match": { "path": "/products/{id}" }, "ttl": "60s", "tags": ["product:{id}"], "invalidates": ["product:{id}", "products"] } },
          "cascade": { "category:{id}": ["products"] } }
        """;

    [Theory]
    [Covers("RFC 9111 4.4", "a successful unsafe request invalidates its target URI")]
    [InlineData("POST", 200)]
    [InlineData("PUT", 204)]
    [InlineData("DELETE", 200)]
    [InlineData("PATCH", 201)]
    [InlineData("FROB", 200)]
    [InlineData("POST", 303)]
    public async Task UnsafeMethod_ThatSucceeds_InvalidatesItsUri(string method, int status)
    {
        await using var env = await StartAsync("/x", "/x?q=1", "/y");
        env.Origin.On(method, "/x", _ => Reply.Of(status, ""));

        await env.SendAsync(method, "/x");

        await AssertFetchedAgainAsync(env, "/x");
        await AssertHitAsync(env, "/x?q=1", "/y");
    }

    [Theory]
    [Covers("RFC 9111 4.4", "an error response to an unsafe request does not invalidate")]
    [InlineData("POST", 400)]
    [InlineData("POST", 500)]
    [InlineData("DELETE", 404)]
    [InlineData("OPTIONS", 200)]
    [InlineData("TRACE", 200)]
    public async Task MethodThatChangedNothing_InvalidatesNothing(string method, int status)
    {
        await using var env = await StartAsync("/x");
        env.Origin.On(method, "/x", _ => Reply.Of(status, ""));

        await env.SendAsync(method, "/x");

        await AssertHitAsync(env, "/x");
    }

    [Fact]
    public async Task UnsafeMethod_WithUnknownOutcome_Invalidates()
    {
        await using var env = await StartAsync("/x");
        env.Origin.On("POST", "/x", Reply (_) => Reply.Exactly("", ReplyEnding.Reset));

        Assert.Equal(502, (await env.SendAsync("POST", "/x")).Status);

        await AssertFetchedAgainAsync(env, "/x");
    }

    [Theory]
    [Covers("RFC 9111 4.4", "Location and Content-Location of the same origin are invalidated")]
    [InlineData("Location: /y")]
    [InlineData("Content-Location: y")]
    public async Task UnsafeMethod_InvalidatesSameOriginLocations(string location)
    {
        await using var env = await StartAsync("/x", "/y");
        env.Origin.On("POST", "/x", _ => Reply.Of(201, "", location));

        await env.SendAsync("POST", "/x");

        await AssertFetchedAgainAsync(env, "/x", "/y");
    }

    [Fact]
    [Attack("F13", "A Location that names another host")]
    public async Task UnsafeMethod_DoesNotInvalidateAnotherOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/y", Numbered.Fresh);
        env.Origin.On("POST", "/x", _ => Reply.Of(201, "", "Location: http://other.test/y"));
        await env.GetAsync("/y", "Host: other.test");

        await env.SendAsync("POST", "/x", null, "Host: evil.test");

        CacheAssert.Hit(await env.GetAsync("/y", "Host: other.test"));
    }

    [Fact]
    public async Task UnsafeMethod_InvalidatesAllVariants()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Vary: Accept");
        env.Origin.On("POST", "/x", _ => Reply.Of(200, ""));
        await env.GetAsync("/x", "Accept: a/a");
        await env.GetAsync("/x", "Accept: b/b");

        await env.SendAsync("POST", "/x");

        Assert.Equal("4", (await env.GetAsync("/x", "Accept: a/a")).Text);
        Assert.Equal("5", (await env.GetAsync("/x", "Accept: b/b")).Text);
    }

    [Fact]
    public async Task UnsafeMethod_RaisesThePolicysTags()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "/products*", request => Reply.Ok($"{request.PathNumber}"));
        string[] all = ["/products", "/products?page=2", "/products/1", "/products/2"];
        foreach (var target in all)
        {
            await env.GetAsync(target);
        }

        await env.SendAsync("PUT", "/products/1", "x");

        await AssertFetchedAgainAsync(env, "/products", "/products?page=2", "/products/1");
        await AssertHitAsync(env, "/products/2");
    }

    [Theory]
    [InlineData("/api/products/{id}", "/api/products")]
    [InlineData("/api/{tenant}/{id:int}", "/api/products")]
    [InlineData("/api/products/{*rest}", null)]
    [InlineData("/api/products/7", null)]
    public async Task UnsafeMethod_OnOneOfSeveral_TakesTheListsThatCouldHoldIt(string template, string? list)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "one": { "match": { "path": "{{template}}" }, "ttl": "60s" },
                "list": { "match": { "path": "/api/products" }, "ttl": "60s" }, "other": { "match": { "path": "/api/others" }, "ttl": "60s" } } }
            """);
        env.Origin.On(null, "/api/*", request => Reply.Ok($"{request.PathNumber}"));
        string[] all = ["/api/products", "/api/products?page=2", "/api/products/8", "/api/others"];
        foreach (var target in all)
        {
            await env.GetAsync(target);
        }

        await env.SendAsync("PUT", "/api/products/7", "x");

        if (list is not null)
        {
            await AssertFetchedAgainAsync(env, list, list + "?page=2");
        }

        await AssertHitAsync(env, "/api/products", "/api/products?page=2", "/api/others");
    }

    [Theory]
    [InlineData(10_000, 200)]
    [InlineData(10_001, 400)]
    public async Task Invalidate_ByVeryManyTags_IsBounded(int count, int status)
    {
        await using var env = await StartTaggedAsync();

        using var answer = await env.InvalidateAsync(new { tags = Enumerable.Range(0, count).Select(i => i == count - 1 ? "a" : $"t{i}") });

        Assert.Equal(status, (int)answer.StatusCode);
        await (status == 200 ? AssertFetchedAgainAsync(env, "/a") : AssertHitAsync(env, "/a"));
        await AssertHitAsync(env, "/b");
    }

    [Fact]
    public async Task Invalidate_ByTag_TakesWhatCarriesItAndNothingElse()
    {
        await using var env = await StartTaggedAsync();

        await env.InvalidateAsync("a");

        await AssertFetchedAgainAsync(env, "/a", "/ab");
        await AssertHitAsync(env, "/b", "/none");
    }

    [Fact]
    public async Task Invalidate_BySeveralTags_TakesWhatCarriesAny_OrEvery()
    {
        await using var env = await StartTaggedAsync();

        await OrderAsync(env, new { tags = (string[])["b", "a"], match = "all" });
        await AssertFetchedAgainAsync(env, "/ab");
        await AssertHitAsync(env, "/a", "/b", "/none");

        await OrderAsync(env, new { tags = (string[])["b", "a"], match = "any" });
        await AssertFetchedAgainAsync(env, "/a", "/b", "/ab");
        await AssertHitAsync(env, "/none");
    }

    [Fact]
    public async Task Invalidate_ByPolicy_TakesWhatItStoredAndNothingElse()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.GetNumbered("/products*");
        await env.GetAsync("/products");
        await env.GetAsync("/products/1");

        await OrderAsync(env, new { policies = (string[])["one"] });

        await AssertFetchedAgainAsync(env, "/products/1");
        await AssertHitAsync(env, "/products");
    }

    [Fact]
    public async Task Invalidate_DryRun_CountsAndNames_AndChangesNothing()
    {
        await using var env = await StartTaggedAsync();

        using var answer = await env.InvalidateAsync(new { tags = (string[])["a", "b"], match = "all", dryRun = true });
        var preview = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal((true, "a", 1, 4), (
            preview.GetProperty("dryRun").GetBoolean(), preview.GetProperty("node").GetString(), preview.GetProperty("count").GetInt32(), preview.GetProperty("entries").GetInt32()));
        Assert.EndsWith("/ab", Assert.Single(preview.GetProperty("examples").EnumerateArray()).GetString(), StringComparison.Ordinal);
        await AssertHitAsync(env, "/a", "/ab", "/b", "/none");
    }

    [Fact]
    public async Task Invalidate_MoreThanTheShare_NeedsConfirm()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { ConfirmAbove = 0.5 } });
        env.Origin.GetNumbered("/*", Numbered.Fresh);
        string[] all = ["/s/1", "/s/2", "/t/1", "/u"];
        foreach (var target in all)
        {
            await env.GetAsync(target);
        }

        await OrderAsync(env, new { prefixes = (string[])["/s/"] });
        await AssertFetchedAgainAsync(env, "/s/1", "/s/2");
        using var refused = await env.InvalidateAsync(new { all = true });
        await AssertHitAsync(env, all);
        await OrderAsync(env, new { all = true, confirm = true });

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("4 of 4", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await AssertFetchedAgainAsync(env, all);
    }

    [Fact]
    public async Task Invalidate_IsInTheAudit_NewestFirst()
    {
        await using var env = await StartAsync();
        var audit = env.Services.GetRequiredService<IInvalidationAudit>();

        await OrderAsync(env, new { tags = (string[])["t", "u"], match = "all", reason = "prices" });
        await OrderAsync(env, new { prefixes = (string[])["/x/"], soft = true });

        var entries = await audit.ReadAsync(10);
        Assert.Equal(["""{"p":["/x/"],"s":true}""", """{"e":["t","u"]}"""], entries!.Select(entry => entry.What.GetRawText()));
        Assert.Equal(("a", "Admin", "127.0.0.1", "prices"), (entries![1].Node, entries[1].Source, entries[1].Who, entries[1].Why));
        Assert.Equal(entries[1], Assert.Single((await audit.ReadAsync(10, entries[0].Place))!));
        Assert.Equal(entries[0], Assert.Single((await audit.ReadAsync(1))!));
    }

    [Fact]
    [Attack("F04", "Patterns in names")]
    public async Task Invalidate_ByTagWithPattern_IsOnlyThatLiteralTag()
    {
        await using var env = await StartTaggedAsync();

        using var answer = await env.InvalidateAsync(new { tags = (string[])["*"] });

        await AssertHitAsync(env, "/a", "/ab", "/b", "/none");
    }

    [Fact]
    [CoversPolicy("$.cascade")]
    public async Task Invalidate_ByTag_Cascades()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.GetNumbered("/products*");
        await env.GetAsync("/products");

        await env.InvalidateAsync("category:7");

        await AssertFetchedAgainAsync(env, "/products");
    }

    [Fact]
    public async Task Invalidate_ByUrl_TakesExactlyThatUrl()
    {
        await using var env = await StartAsync("/x", "/x?q=1", "/x/y");

        await OrderAsync(env, new { urls = (string[])[$"{env.Address}x?q=1"] });

        await AssertFetchedAgainAsync(env, "/x?q=1");
        await AssertHitAsync(env, "/x", "/x/y");
    }

    [Fact]
    public async Task Invalidate_ByUrlWithoutHost_TakesItOnEveryHost()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh);
        await env.GetAsync("/x", "Host: a.test");
        await env.GetAsync("/x", "Host: b.test");

        await OrderAsync(env, new { urls = (string[])["/x"] });

        Assert.Equal("3", (await env.GetAsync("/x", "Host: a.test")).Text);
        Assert.Equal("4", (await env.GetAsync("/x", "Host: b.test")).Text);
    }

    [Fact]
    public async Task Invalidate_ByPrefix_TakesWhatBeginsWithIt()
    {
        await using var env = await StartAsync("/shop/a", "/shop/b?q=1", "/shops", "/other");

        await OrderAsync(env, new { prefixes = (string[])["/shop/"] });

        await AssertFetchedAgainAsync(env, "/shop/a", "/shop/b?q=1");
        await AssertHitAsync(env, "/shops", "/other");
    }

    [Fact]
    public async Task Invalidate_All_TakesEverything()
    {
        await using var env = await StartAsync("/x", "/y");

        await OrderAsync(env, new { all = true });

        await AssertFetchedAgainAsync(env, "/x", "/y");
    }

    [Fact]
    public async Task Invalidate_Hard_FetchesWholeAndSaysWhy()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh, "Cache-Tag: t"));
        await env.GetAsync("/x");

        await env.InvalidateAsync("t");

        CacheAssert.Miss(await env.GetAsync("/x"), Reason.Invalidated);
        Assert.False(env.Origin.Last("/x").Has("If-None-Match"));
    }

    [Fact]
    public async Task Invalidate_Soft_ValidatesAndServesOnErrorOnly()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x",
            Reply.Ok("1", "Cache-Control: max-age=60, stale-while-revalidate=600, stale-if-error=600", "Cache-Tag: t", "ETag: \"v1\""),
            Reply.Of(503, "down"),
            Reply.Of(304, "", "ETag: \"v1\"", Numbered.Fresh));
        await env.GetAsync("/x");
        await OrderAsync(env, new { tags = (string[])["t"], soft = true });

        var onError = await env.GetAsync("/x");
        var validated = await env.GetAsync("/x");
        var hit = await env.GetAsync("/x");

        Assert.Equal((200, "1"), (onError.Status, onError.Text));
        CacheAssert.Hit(onError, Reason.StaleIfError);
        Assert.Equal("1", validated.Text);
        Assert.Equal("\"v1\"", env.Origin.LogOf("/x")[2].Header("If-None-Match"));
        CacheAssert.Hit(hit, Reason.Fresh);
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Fact]
    [Covers("RFC 9111 5.2.1.7", "only-if-cached on what was softly invalidated is 504")]
    public async Task Invalidate_Soft_OnlyIfCached_IsNotAskedFor()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t", "ETag: \"v1\"");
        await env.GetAsync("/x");
        await OrderAsync(env, new { tags = (string[])["t"], soft = true });

        Assert.Equal(504, (await env.GetAsync("/x", "Cache-Control: only-if-cached")).Status);
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Theory]
    [Covers("RFC 9110 8.8.2.2", "a Last-Modified close to Date is weak and cannot tell what changed just now")]
    [InlineData(10, false)]
    [InlineData(100_000, true)]
    public async Task Invalidate_Soft_ValidatesByDateOnlyWhereTheDateIsStrong(int secondsOld, bool conditional)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var modified = env.Time.GetUtcNow().AddSeconds(-secondsOld).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t", $"Last-Modified: {modified}");
        await env.GetAsync("/x");

        await OrderAsync(env, new { tags = (string[])["t"], soft = true });
        await env.GetAsync("/x");

        Assert.Equal(2, env.Origin.Requests("/x"));
        Assert.Equal(conditional, env.Origin.Last("/x").Has("If-Modified-Since"));
    }

    [Fact]
    public async Task Invalidate_AnswersWithAReceipt()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.InvalidateAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 2000, reason = "test" });
        using var receipt = await answer.Content.ReadFromJsonAsync<JsonDocument>();

        var root = receipt!.RootElement;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEqual("", root.GetProperty("id").GetString());
        Assert.True(root.GetProperty("epoch").GetInt64() > 0);
        Assert.True(root.TryGetProperty("durable", out _));
        Assert.Equal("a", Assert.Single(root.GetProperty("applied").EnumerateArray()).GetProperty("node").GetString());
        Assert.Empty(root.GetProperty("missing").EnumerateArray());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"tags\":\"t\"}")]
    [InlineData("{\"tag\":[\"t\"]}")]
    [InlineData("{\"urls\":[\"no-slash\"]}")]
    [InlineData("{\"urls\":[\"http://u:p@h/x\"]}")]
    [InlineData("{\"urls\":[\"http://[::1%251]/x\"]}")]
    [InlineData("{\"prefixes\":[\"http://u:p@h/x\"]}")]
    [InlineData("{\"tags\":[\"t\"],\"wait\":\"sometimes\"}")]
    [InlineData("{\"tags\":[\"t\"],\"match\":\"some\"}")]
    [InlineData("{\"urls\":[\"/x\"],\"match\":\"all\"}")]
    [InlineData("{\"tags\":[\"a b\"]}")]
    [InlineData("not json")]
    public async Task Invalidate_WithABadOrder_IsRefusedInWords(string body)
    {
        await using var env = await StartAsync("/x");

        using var answer = await env.PostAdminAsync("/api/v2/cache/invalidate", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        await AssertHitAsync(env, "/x");
    }

    [Theory]
    [Attack("F01", "Purging through the public address")]
    [InlineData("PURGE", "/x")]
    [InlineData("BAN", "/")]
    [InlineData("POST", "/api/v2/cache/invalidate")]
    public async Task PublicAddress_HasNoDoorOfItsOwn(string method, string target)
    {
        await using var env = await StartAsync("/x");
        env.Origin.On(method, target, _ => Reply.Of(405, "not here"));

        var response = await env.SendAsync(method, target, "{\"all\":true}", "Content-Type: application/json");

        Assert.Equal(405, response.Status);
        Assert.Equal(1, env.Origin.Requests(target) - (target == "/x" ? 1 : 0));
        await AssertHitAsync(env, "/x");
    }

    private static async Task<GatewayEnvironment> StartAsync(params string[] targets)
    {
        var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/*", Numbered.Fresh);
        foreach (var target in targets)
        {
            await env.GetAsync(target);
        }

        return env;
    }

    private static async Task<GatewayEnvironment> StartTaggedAsync()
    {
        var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/a", Numbered.Fresh, "Cache-Tag: a");
        env.Origin.GetNumbered("/b", Numbered.Fresh, "Cache-Tag: b");
        env.Origin.GetNumbered("/ab", Numbered.Fresh, "Surrogate-Key: x a b");
        env.Origin.GetNumbered("/none", Numbered.Fresh);
        foreach (var target in (string[])["/a", "/b", "/ab", "/none"])
        {
            await env.GetAsync(target);
        }

        return env;
    }

    private static async Task OrderAsync(GatewayEnvironment env, object order)
    {
        using var answer = await env.InvalidateAsync(order);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task AssertFetchedAgainAsync(GatewayEnvironment env, params string[] targets)
    {
        foreach (var target in targets)
        {
            var before = env.Origin.Log.Count;
            CacheAssert.Miss(await env.GetAsync(target));
            Assert.Equal(before + 1, env.Origin.Log.Count);
        }
    }

    private static async Task AssertHitAsync(GatewayEnvironment env, params string[] targets)
    {
        foreach (var target in targets)
        {
            var before = env.Origin.Log.Count;
            CacheAssert.Hit(await env.GetAsync(target));
            Assert.Equal(before, env.Origin.Log.Count);
        }
    }
}
