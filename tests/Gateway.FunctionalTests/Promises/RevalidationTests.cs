using System.Text;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Expired responses: asked for by their validators, refreshed by a 304, replaced by anything else.</summary>
public sealed class RevalidationTests
{
    [Fact]
    [Covers("RFC 9111 4.3.4", "a 304 freshens the stored response and updates its fields")]
    public async Task Expired_WithETag_IsRefreshedBy304()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "body", Numbered.Fresh, $"X-Round: {request.PathNumber}"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        var refreshed = await env.GetAsync("/x");
        var hit = await env.GetAsync("/x");

        Assert.Equal("\"v1\"", env.Origin.Last("/x").Header("If-None-Match"));
        Assert.Equal((200, "body", "2"), (refreshed.Status, refreshed.Text, refreshed.Header("X-Round")));
        CacheAssert.Hit(hit, Reason.Fresh);
        Assert.Equal(("body", "2"), (hit.Text, hit.Header("X-Round")));
        Assert.Equal(0, hit.Age);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    [Covers("RFC 9111 4.3.1", "Last-Modified becomes If-Modified-Since")]
    public async Task Expired_WithLastModified_IsAskedForByDate()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        const string Date = "Tue, 04 Mar 2031 10:00:00 GMT";
        env.Origin.Get("/x", request => request.Header("If-Modified-Since") == Date
            ? Reply.Of(304, "", Numbered.Fresh)
            : Reply.Ok("body", Numbered.Fresh, $"Last-Modified: {Date}"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("body", (await env.GetAsync("/x")).Text);
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.Fresh);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    /// <summary>What some frameworks write where no date was set: no date, and a 304 that repeats it is about what was asked.</summary>
    [Fact]
    public async Task Expired_WithTheLastModifiedOfNoDate_IsRefreshedByOneRequest()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        const string Unset = "Last-Modified: Mon, 01 Jan 0001 00:00:00 GMT";
        env.Origin.Get("/x", request => request.Has("If-Modified-Since") ? Reply.Of(304, "", Numbered.Fresh, Unset) : Reply.Ok($"{request.PathNumber}", Numbered.Fresh, Unset));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.Fresh);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    /// <summary>
    /// nginx makes the tag of what it compresses weak, and leaves it strong in its 304: that confirms nothing that is stored (RFC 9111 4.3.4). Who waits asks once more at once; a refresh behind
    /// a client does so the next time.
    /// </summary>
    [Fact]
    public async Task RefreshAnsweredByA304AboutAnother_AsksForTheWholeTheNextTime()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => request.Has("If-None-Match")
            ? Reply.Of(304, "", "ETag: \"v\"")
            : Reply.Ok($"{request.PathNumber}", "Cache-Control: max-age=60, stale-while-revalidate=3600", "ETag: W/\"v\""));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        await env.Origin.Reached("/x", 2);
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);
        env.Time.AdvanceSeconds(2);
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        await env.Origin.Reached("/x", 3);
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);

        var fresh = await env.GetAsync("/x");
        CacheAssert.Hit(fresh, Reason.Fresh);
        Assert.Equal(("3", "W/\"v\""), (fresh.Text, fresh.Header("ETag")));
    }

    [Fact]
    public async Task Expired_AndChanged_IsReplaced()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("old", Numbered.Fresh, "ETag: \"v1\""), Reply.Ok("new", Numbered.Fresh, "ETag: \"v2\""));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("new", (await env.GetAsync("/x")).Text);
        var hit = await env.GetAsync("/x");

        CacheAssert.Hit(hit);
        Assert.Equal(("new", "\"v2\""), (hit.Text, hit.Header("ETag")));
    }

    /// <summary>An origin that compresses GET and not HEAD says another tag and length there: stale is what that makes of it, not gone (RFC 9111 4.3.5).</summary>
    [Fact]
    [Covers("RFC 9111 4.3.5", "a HEAD that disagrees makes the stored response stale, and leaves it for stale-if-error")]
    public async Task HeadThatDisagrees_MakesItStale_AndLeavesItToStandIn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("good", "Cache-Control: max-age=600, stale-if-error=3600, stale-while-revalidate=600", "ETag: W/\"v\""), Reply.Of(503, "down"));
        env.Origin.On("HEAD", "/x", _ => Reply.Exactly("HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 9\r\n\r\n"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(5);
        await env.SendAsync("HEAD", "/x", null, "Cache-Control: no-cache");

        var answer = await env.GetAsync("/x");

        Assert.Equal(3, env.Origin.Requests("/x"));
        Assert.Equal("W/\"v\"", env.Origin.Last("/x").Header("If-None-Match"));
        CacheAssert.Hit(answer, Reason.StaleIfError);
        Assert.Equal((200, "good"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Expired_WithoutValidator_IsFetchedWhole()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh);
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
        Assert.False(env.Origin.Last("/x").Has("If-None-Match"));
    }

    [Fact]
    public async Task Expired_WithAClientsOwnCondition_IsAskedForByOurs()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "body", Numbered.Fresh));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        var response = await env.GetAsync("/x", "If-None-Match: \"client\"");

        Assert.Equal((200, "body"), (response.Status, response.Text));
        Assert.Equal("\"v1\"", env.Origin.Last("/x").Header("If-None-Match"));
    }

    [Fact]
    public async Task ExpiredVariant_IsAskedForByTheValidatorsOfAllVariants_OrItsOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(
            request, $"\"{request.Header("X-Tongue")}\"", request.Header("X-Tongue")!, Numbered.Fresh, "Vary: X-Tongue"));
        await env.GetAsync("/x", "X-Tongue: de");
        await env.GetAsync("/x", "X-Tongue: fr");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("de", (await env.GetAsync("/x", "X-Tongue: de")).Text);
        Assert.Contains("\"de\"", env.Origin.Last("/x").Header("If-None-Match"), StringComparison.Ordinal);
        Assert.Equal("fr", (await env.GetAsync("/x", "X-Tongue: fr")).Text);
    }

    [Fact]
    public async Task NoCacheResponse_IsStoredButAskedForEachTime()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "body", "Cache-Control: no-cache, max-age=60"));
        await env.GetAsync("/x");

        Assert.Equal("body", (await env.GetAsync("/x")).Text);
        Assert.Equal("\"v1\"", env.Origin.Last("/x").Header("If-None-Match"));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("A32", "Forced revalidation of hot keys")]
    [InlineData("Cache-Control: no-cache")]
    [InlineData("Cache-Control: max-age=0")]
    [InlineData("Pragma: no-cache")]
    public async Task ForcedReload_ByClientsOfTheSafeProfile_CostsOneCallPerSecond(string reload)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/hot", Numbered.Fresh);
        await env.GetAsync("/hot");
        env.Time.AdvanceSeconds(2);

        Assert.Equal("2", (await env.GetAsync("/hot", reload)).Text);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("2", (await env.GetAsync("/hot", reload)).Text);
        }

        Assert.Equal(2, env.Origin.Requests("/hot"));
    }

    [Theory]
    [Covers("RFC 9111 4.3.3", "a full answer takes the place of the stored one, also where it may not be stored itself")]
    [InlineData(404, "Cache-Control: no-store")]
    [InlineData(200, "Cache-Control: no-store")]
    [InlineData(200, "Cache-Control: private")]
    [InlineData(200, "Vary: *")]
    public async Task FullAnswerThatMayNotBeStored_EndsTheUseOfTheOldOne(int status, string header)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x",
            Reply.Ok("old", "Cache-Control: max-age=1, stale-if-error=600, stale-while-revalidate=0", "ETag: \"v1\""),
            Reply.Of(status, "new", header),
            Reply.Of(503, "down"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);

        Assert.Equal((status, "new"), ((await env.GetAsync("/x")) is var answer ? answer.Status : 0, answer.Text));
        Assert.Equal((503, "down"), ((await env.GetAsync("/x")) is var later ? later.Status : 0, later.Text));
    }

    [Theory]
    [Covers("RFC 9111 4.3.3", "a full answer takes the place of the stored one, also where it turns out not to be kept: too long, or without all of its tags")]
    [InlineData("\"maxBody\": \"10B\"", "much longer than that")]
    [InlineData("\"tags\": [\"$.id -> x:{}\"]", "no JSON")]
    public async Task FullAnswerThatIsNotKept_EndsTheUseOfTheOldOne(string member, string body)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"ttl\": \"1s\", \"staleIfError\": \"10m\", " + member));
        env.Origin.Get(
            "/x",
            Reply.Ok("{\"id\":1}", "ETag: \"v1\"", "Content-Type: application/json"),
            Reply.Chunked([Encoding.UTF8.GetBytes(body)], "Content-Type: application/json"),
            Reply.Of(503, "down"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);

        Assert.Equal(body, (await env.GetAsync("/x")).Text);
        Assert.Equal((503, "down"), ((await env.GetAsync("/x")) is var later ? later.Status : 0, later.Text));
    }

    [Fact]
    public async Task FullAnswerThatMayNotBeStored_ToABackgroundRefresh_EndsTheUseOfTheOldOne()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("old", "Cache-Control: max-age=1, stale-while-revalidate=600", "ETag: \"v1\""), Reply.Ok("new", "Cache-Control: private"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);
        Assert.Equal("old", (await env.GetAsync("/x")).Text);
        await env.Origin.Reached("/x", 2);
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);

        Assert.Equal("new", (await env.GetAsync("/x")).Text);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    public async Task AnswerOfTheMoment_SaysNothingOfTheOldOne_NorEndsCollapsing(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x", Reply.Ok("old", "Cache-Control: max-age=1, stale-while-revalidate=600", "ETag: \"v1\""), Reply.Of(status, "not now", "Cache-Control: no-store"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);
        await env.GetAsync("/x");
        await env.Origin.Reached("/x", 2);
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);

        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleWhileRevalidate);
    }

    /// <summary>It may be one client alone who may not have the page; and where nobody may any more, nobody gets it from here.</summary>
    [Fact]
    public async Task RefusedValidation_EndsTheUseOfTheOldOne_AndTheNextFetchIsShared()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x", Reply.Ok("old", "Cache-Control: max-age=1, stale-if-error=600", "ETag: \"v1\""), Reply.Of(403, "not you", "Cache-Control: no-store"), Reply.Ok("new", Numbered.Fresh));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);

        Assert.Equal(403, (await env.GetAsync("/x")).Status);
        CacheAssert.Miss(await env.GetAsync("/x"), Reason.Miss);
    }

    [Theory]
    [InlineData("Authorization: Basic eDp5")]
    [InlineData("Cookie: me=1")]
    public async Task FullAnswerToOneClientsCredentials_SaysNothingOfTheOldOne(string credentials)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x",
            Reply.Ok("old", "Cache-Control: public, max-age=1, stale-if-error=600", "ETag: \"v1\""),
            Reply.Ok("mine", "Cache-Control: private"),
            Reply.Of(503, "down"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);

        Assert.Equal("mine", (await env.GetAsync("/x", credentials)).Text);
        Assert.Equal("old", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task ErrorOnRevalidation_DoesNotReplaceTheStored()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x",
            Reply.Ok("good", Numbered.Fresh, "ETag: \"v1\""),
            Reply.Of(500, "bad", Numbered.Fresh),
            Reply.Of(304, "", Numbered.Fresh, "ETag: \"v1\""));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        await env.GetAsync("/x");
        var third = await env.GetAsync("/x");

        Assert.Equal((200, "good"), (third.Status, third.Text));
        Assert.Equal("\"v1\"", env.Origin.Last("/x").Header("If-None-Match"));
    }

    [Theory]
    [Covers("RFC 9111 4.3.3", "a full answer takes the place of what was validated, although its Vary is another")]
    [InlineData(null, "Vary: Foo")]
    [InlineData("Vary: Foo", null)]
    public async Task FullAnswerWithAnotherVary_TakesThePlaceOfWhatWasValidated(string? before, string? after)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        // By its Date the new answer looks the older one.
        env.Origin.Get(
            "/x",
            Reply.Ok("old", [.. Lines("Cache-Control: max-age=100", $"Date: {env.Time.GetUtcNow():R}", before)]),
            Reply.Ok("new", [.. Lines("Cache-Control: max-age=100", $"Date: {env.Time.GetUtcNow().AddSeconds(-30):R}", after)]));
        await env.GetAsync("/x", "Foo: 1");

        Assert.Equal("new", (await env.GetAsync("/x", "Foo: 1", "Cache-Control: no-cache")).Text);

        Assert.Equal("new", (await env.GetAsync("/x", "Foo: 1")).Text);

        static IEnumerable<string> Lines(params string?[] lines) => lines.OfType<string>();
    }

    [Fact]
    [Covers("RFC 9111 4.3.4", "a 304 to a request without a condition confirms nothing")]
    public async Task NotModified_ThatNothingAskedFor_ConfirmsNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("old", "Cache-Control: max-age=60"), Reply.Of(304, "", "Cache-Control: max-age=60"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal(502, (await env.GetAsync("/x")).Status);
    }
}
