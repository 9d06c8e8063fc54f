using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What the admin API invalidates, and what it must not touch.</summary>
public sealed class InvalidationTests
{
    internal const string Policies = """
        { "policies": {
            "list": { "match": { "path": "/products" }, "ttl": "60s", "tags": ["products"] },
            "one":  { "match": { "path": "/products/{id}" }, "ttl": "60s", "tags": ["product:{id}"], "invalidates": ["product:{id}", "products"] } },
          "cascade": { "category:{id}": ["products"] } }
        """;

    [Theory]
    [InlineData(10_000, 200)]
    [InlineData(10_001, 400)]
    public async Task Invalidate_ByVeryManyTags_IsBounded(int count, int status)
    {
        await using var env = await StartTaggedAsync();

        using var answer = await env.InvalidateAsync(new { tags = Enumerable.Range(0, count).Select(i => i == count - 1 ? "a" : $"t{i}") });

        Assert.Equal(status, (int)answer.StatusCode);
        await (status == 200 ? CacheAssert.FetchedAgainAsync(env, "/a") : CacheAssert.HitAsync(env, "/a"));
        await CacheAssert.HitAsync(env, "/b");
    }

    /// <summary>However the percent signs are written, it is one URL (RFC 3986 6.2.2).</summary>
    [Theory]
    [InlineData("/caf%C3%A9", "urls", "/caf%c3%a9")]
    [InlineData("/caf%c3%a9", "urls", "/caf%C3%A9")]
    [InlineData("/~joe?a=%2d", "urls", "/%7Ejoe?a=-")]
    [InlineData("/%7Ejoe", "urls", "/~joe")]
    [InlineData("/%7ejoe/x", "prefixes", "/~joe/")]
    [InlineData("/~joe/x", "prefixes", "/%7Ejoe/")]
    [InlineData("/caf%C3%A9/x", "prefixes", "/caf%c3%a9")]
    [InlineData("/a/c", "urls", "/a/b/../c")]
    public async Task Invalidate_ByAnotherSpelling_TakesIt(string stored, string kind, string named)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/*", Numbered.Fresh);
        await env.GetAsync(stored);
        await env.GetAsync("/other/x");
        await CacheAssert.HitAsync(env, stored);

        using var answer = await env.InvalidateAsync(new Dictionary<string, string[]> { [kind] = [named] });

        Assert.Equal(200, (int)answer.StatusCode);
        CacheAssert.Miss(await env.GetAsync(stored));
        await CacheAssert.HitAsync(env, "/other/x");
    }

    [Fact]
    public async Task Invalidate_ByPrefix_ThatEndsInADot_IsNoSegment()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/*", Numbered.Fresh);
        await env.GetAsync("/files/.hidden");
        await env.GetAsync("/files/shown");

        using var answer = await env.InvalidateAsync(new { prefixes = (string[])["/files/."] });

        CacheAssert.Miss(await env.GetAsync("/files/.hidden"));
        await CacheAssert.HitAsync(env, "/files/shown");
    }

    [Fact]
    public async Task Invalidate_ByTag_TakesWhatCarriesItAndNothingElse()
    {
        await using var env = await StartTaggedAsync();

        await env.InvalidateAsync("a");

        await CacheAssert.FetchedAgainAsync(env, "/a", "/ab");
        await CacheAssert.HitAsync(env, "/b", "/none");
    }

    [Fact]
    public async Task Invalidate_BySeveralTags_TakesWhatCarriesAny_OrEvery()
    {
        await using var env = await StartTaggedAsync();

        await OrderAsync(env, new { tags = (string[])["b", "a"], match = "all" });
        await CacheAssert.FetchedAgainAsync(env, "/ab");
        await CacheAssert.HitAsync(env, "/a", "/b", "/none");

        await OrderAsync(env, new { tags = (string[])["b", "a"], match = "any" });
        await CacheAssert.FetchedAgainAsync(env, "/a", "/b", "/ab");
        await CacheAssert.HitAsync(env, "/none");
    }

    [Fact]
    public async Task Invalidate_ByPolicy_TakesWhatItStoredAndNothingElse()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.GetNumbered("/products*");
        await env.GetAsync("/products");
        await env.GetAsync("/products/1");

        await OrderAsync(env, new { policies = (string[])["one"] });

        await CacheAssert.FetchedAgainAsync(env, "/products/1");
        await CacheAssert.HitAsync(env, "/products");
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
        await CacheAssert.HitAsync(env, "/a", "/ab", "/b", "/none");
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
        await CacheAssert.FetchedAgainAsync(env, "/s/1", "/s/2");
        using var refused = await env.InvalidateAsync(new { all = true });
        await CacheAssert.HitAsync(env, all);
        await OrderAsync(env, new { all = true, confirm = true });

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("4 of 4", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await CacheAssert.FetchedAgainAsync(env, all);
    }

    [Fact]
    public async Task Invalidate_IsInTheAudit_NewestFirst()
    {
        await using var env = await Numbered.StartAsync();
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

        await CacheAssert.HitAsync(env, "/a", "/ab", "/b", "/none");
    }

    [Fact]
    [CoversPolicy("$.cascade")]
    public async Task Invalidate_ByTag_Cascades()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.GetNumbered("/products*");
        await env.GetAsync("/products");

        await env.InvalidateAsync("category:7");

        await CacheAssert.FetchedAgainAsync(env, "/products");
    }

    [Fact]
    public async Task Invalidate_ByUrl_TakesExactlyThatUrl()
    {
        await using var env = await Numbered.StartAsync("/x", "/x?q=1", "/x/y");

        await OrderAsync(env, new { urls = (string[])[$"{env.Address}x?q=1"] });

        await CacheAssert.FetchedAgainAsync(env, "/x?q=1");
        await CacheAssert.HitAsync(env, "/x", "/x/y");
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
        await using var env = await Numbered.StartAsync("/shop/a", "/shop/b?q=1", "/shops", "/other");

        await OrderAsync(env, new { prefixes = (string[])["/shop/"] });

        await CacheAssert.FetchedAgainAsync(env, "/shop/a", "/shop/b?q=1");
        await CacheAssert.HitAsync(env, "/shops", "/other");
    }

    [Fact]
    public async Task Invalidate_All_TakesEverything()
    {
        await using var env = await Numbered.StartAsync("/x", "/y");

        await OrderAsync(env, new { all = true });

        await CacheAssert.FetchedAgainAsync(env, "/x", "/y");
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
    [Covers("RFC 9110 8.8.2.2", "a Last-Modified close to Date, or without one, is weak and cannot tell what changed just now")]
    [InlineData(10, 1, false)]
    [InlineData(100_000, 1, true)]
    [InlineData(100_000, 0, false)]
    [InlineData(100_000, 2, false)]
    public async Task Invalidate_Soft_ValidatesByDateOnlyWhereTheDateIsStrong(int secondsOld, int dates, bool conditional)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var now = env.Time.GetUtcNow();
        var dated = Enumerable.Repeat($"Date: {now:R}", dates);
        env.Origin.Get("/x", Reply.Ok("x", [Numbered.Fresh, "Cache-Tag: t", $"Last-Modified: {now.AddSeconds(-secondsOld):R}", .. dated]) with { Dated = false });
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
        await using var env = await Numbered.StartAsync("/x");

        using var answer = await env.PostAdminAsync("/api/v2/cache/invalidate", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        await CacheAssert.HitAsync(env, "/x");
    }

    [Theory]
    [Attack("F01", "Purging through the public address")]
    [InlineData("PURGE", "/x")]
    [InlineData("BAN", "/")]
    [InlineData("POST", "/api/v2/cache/invalidate")]
    public async Task PublicAddress_HasNoDoorOfItsOwn(string method, string target)
    {
        await using var env = await Numbered.StartAsync("/x");
        env.Origin.On(method, target, _ => Reply.Of(405, "not here"));

        var response = await env.SendAsync(method, target, "{\"all\":true}", "Content-Type: application/json");

        Assert.Equal(405, response.Status);
        Assert.Equal(1, env.Origin.Requests(target) - (target == "/x" ? 1 : 0));
        await CacheAssert.HitAsync(env, "/x");
    }

    /// <summary>A 304 has a later Date, and says no more about what was written within the second of Last-Modified.</summary>
    [Fact]
    [Covers("RFC 9110 8.8.2.2", "a 304 makes no strong date of a weak one")]
    public async Task SoftlyInvalidated_AfterA304_IsNotAskedForByAWeakDate()
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "60s", "tags": ["t"] } } }""");
        var modified = env.Time.GetUtcNow().ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        env.Origin.Get("/x", request => request.Has("If-Modified-Since")
            ? Reply.Of(304, "", $"Date: {env.Time.GetUtcNow():R}")
            : Reply.Ok($"{request.PathNumber}", $"Last-Modified: {modified}", $"Date: {env.Time.GetUtcNow():R}"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(120);
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        Assert.True(env.Origin.Last("/x").Has("If-Modified-Since"));
        await env.InvalidateAsync(new { tags = (string[])["t"], soft = true });

        Assert.Equal("3", (await env.GetAsync("/x")).Text);
        Assert.False(env.Origin.Last("/x").Has("If-Modified-Since"));
        Assert.Equal("3", (await env.GetAsync("/x", "Range: bytes=0-0", $"If-Range: {modified}")).Text);
    }

    /// <summary>The clocks of an origin's servers differ: what was invalidated has the latest Date, and is no answer.</summary>
    [Fact]
    public async Task InvalidatedVariant_HidesNoneThatIsNot()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x",
            Reply.Ok("old", "Cache-Control: max-age=3600", $"Date: {env.Time.GetUtcNow():R}"),
            Reply.Ok("new", "Cache-Control: max-age=3600", "Age: 60", $"Date: {env.Time.GetUtcNow().AddSeconds(-60):R}", "Vary: Accept-Language"));
        await env.GetAsync("/x");
        await env.InvalidateAsync(new { urls = (string[])[$"{env.Address}x"] });

        Assert.Equal("new", (await env.GetAsync("/x", "Accept-Language: de")).Text);
        CacheAssert.Hit(await env.GetAsync("/x", "Accept-Language: de"));
        Assert.Equal("new", (await env.GetAsync("/x", "Accept-Language: de", "Cache-Control: only-if-cached")).Text);
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
}
