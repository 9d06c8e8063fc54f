using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What a 304 or a HEAD brings counts as much as what came first: tags, selecting fields, and whom it is about.</summary>
public sealed class FreshenedTests
{
    private const string Tagged = """{ "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "1m", "tags": ["p:{id}"] } } }""";

    [Fact]
    [Covers("RFC 9111 3.2", "fields of a 304 take the place of stored ones, tags with them")]
    public async Task TagsOfA304_CanBeInvalidated()
    {
        await using var env = await GatewayEnvironment.StartAsync(Tagged);
        env.Origin.Get("/p/1", request => Reply.Conditional(request, "\"v1\"", "x", request.PathNumber == 1 ? "Cache-Tag: a" : "Cache-Tag: a, promo"));
        await env.GetAsync("/p/1");
        env.Time.AdvanceSeconds(61);
        Assert.Equal(200, (await env.GetAsync("/p/1")).Status);
        CacheAssert.Hit(await env.GetAsync("/p/1"));

        await env.InvalidateAsync("promo");
        Assert.False((await env.GetAsync("/p/1")).CacheStatus!.IsHit);

        await env.InvalidateAsync("a");
        Assert.False((await env.GetAsync("/p/1")).CacheStatus!.IsHit);
    }

    [Fact]
    public async Task TagsOfAHead_CanBeInvalidated()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/p", request => Reply.Ok("x", Numbered.Fresh, "ETag: \"v1\"", request.Method == "HEAD" ? "Cache-Tag: promo" : "X-None: 1"));
        await env.GetAsync("/p");
        env.Time.AdvanceSeconds(2);
        await env.SendAsync("HEAD", "/p", null, "Cache-Control: no-cache");
        CacheAssert.Hit(await env.GetAsync("/p"));

        await env.InvalidateAsync("promo");

        Assert.False((await env.GetAsync("/p")).CacheStatus!.IsHit);
    }

    [Theory]
    [InlineData("\"tags\": [\"p:{id}\"]", "\"tags\": [\"p:{id}\", \"all\"]")]
    [InlineData("\"key\": {}", "\"tags\": [\"all\"]")]
    public async Task TagsOfAPolicy_ThatChanged_HoldForWhatIsStoredToo(string before, string after)
    {
        static string Policy(string rules) => $$"""{ "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "1h", {{rules}} } } }""";
        await using var env = await GatewayEnvironment.StartAsync(Policy(before));
        env.Origin.Get("/p/1", request => Reply.Ok($"{request.PathNumber}"));
        await env.GetAsync("/p/1");
        CacheAssert.Hit(await env.GetAsync("/p/1"));

        await env.ChangePoliciesAsync(Policy(after));
        await env.GetAsync("/p/1");
        CacheAssert.Hit(await env.GetAsync("/p/1"));
        await env.InvalidateAsync("all");

        Assert.Equal("3", (await env.GetAsync("/p/1")).Text);
    }

    [Fact]
    [Covers("RFC 9111 4.3.4", "a 304 freshens what could have been chosen for its request, no other variant")]
    public async Task A304_IsAboutTheVariantsOfItsRequest()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(
            request, "\"v1\"", "x", Numbered.Fresh, "Vary: Origin", $"Access-Control-Allow-Origin: {request.Header("Origin")}"));
        await env.GetAsync("/x", "Origin: https://a");
        await env.GetAsync("/x", "Origin: https://b");
        env.Time.AdvanceSeconds(61);
        await env.GetAsync("/x", "Origin: https://a");

        var other = await env.GetAsync("/x", "Origin: https://b");

        Assert.Equal("https://b", other.Header("Access-Control-Allow-Origin"));
        Assert.Equal(4, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task A304_WithAWeakTag_IsEnoughForTheOlderVariant()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "W/\"v1\"", "x", Numbered.Fresh, "Vary: X-Kind"));
        await env.GetAsync("/x", "X-Kind: a");
        env.Time.AdvanceSeconds(5);
        await env.GetAsync("/x", "X-Kind: b");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("x", (await env.GetAsync("/x", "X-Kind: a")).Text);

        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Fact]
    [Covers("RFC 9111 4.1", "a Vary that comes with a 304 is obeyed from then on")]
    public async Task VaryOfA304_IsObeyed()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => request.Header("Origin") is { } origin
            ? Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh, "Vary: Origin", $"Access-Control-Allow-Origin: {origin}")
            : Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("https://a", (await env.GetAsync("/x", "Origin: https://a")).Header("Access-Control-Allow-Origin"));
        Assert.Equal("https://b", (await env.GetAsync("/x", "Origin: https://b")).Header("Access-Control-Allow-Origin"));
        Assert.Equal("https://a", (await env.GetAsync("/x", "Origin: https://a")).Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("Vary: X-Kind")]
    [InlineData("Cache-Tag: bad\"tag")]
    public async Task A304_AfterWhichNothingStays_LetsAllWhoWaitShareTheNextFetch(string field)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", request.PathNumber == 2 ? [Numbered.Fresh, field] : [Numbered.Fresh]));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        env.Origin.Hold("/x");
        var asking = Enumerable.Range(0, 20).Select(_ => env.GetAsync("/x")).ToList();
        await env.Origin.Reached("/x", 2);
        await env.UntilMetric("cachegateway_fill_waiting", waiting => waiting == 19);
        env.Origin.Release("/x");

        Assert.All(await Task.WhenAll(asking), answer => Assert.Equal((200, "x"), (answer.Status, answer.Text)));
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task VaryOfA304_DoesNotHideTheGatewaysOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "compress": true } } }""");
        env.Origin.Get("/p", request => Reply.Conditional(request, "\"v1\"", new string('x', 4000), "Content-Type: text/plain", "Vary: Origin"));
        await env.GetAsync("/p");
        env.Time.AdvanceSeconds(61);
        Assert.Equal(200, (await env.GetAsync("/p")).Status);

        var coded = await env.GetAsync("/p", "Accept-Encoding: br");

        Assert.Equal("br", coded.Header("Content-Encoding"));
        Assert.Contains("Accept-Encoding", coded.Header("Vary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CacheProfile.Safe, "Cookie: session=me")]
    [InlineData(CacheProfile.Safe, "Authorization: me")]
    [InlineData(CacheProfile.Safe, "Authorization: me", 61)]
    public async Task AHeadWithCredentials_SaysNothingOfWhatEverybodyGets(CacheProfile profile, string credentials, int age = 0)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = profile });
        env.Origin.On(null, "/x", request => Reply.Ok(request.Has(credentials.Split(':')[0]) ? "hello me" : "hello", "Cache-Control: max-age=60" + (age > 0 ? ", public" : ""), "ETag: " + (request.Has(credentials.Split(':')[0]) ? "\"me\"" : "\"all\"")));
        await env.GetAsync("/x");

        env.Time.AdvanceSeconds(age);
        await env.SendAsync("HEAD", "/x", null, credentials);
        var answer = await env.GetAsync("/x");

        Assert.Equal(age == 0, answer.CacheStatus!.IsHit);
        Assert.Equal(age == 0 ? null : "\"all\"", env.Origin.Last("/x").Header("If-None-Match"));
    }

    /// <summary>What a HEAD put out of use stands in for an origin that is away where it may be stale, and only there.</summary>
    [Theory]
    [Covers("RFC 9111 5.2.2.2", "what may never be stale stays so when a HEAD disagrees with it")]
    [InlineData("max-age=60", 200)]
    [InlineData("max-age=60, must-revalidate", 502)]
    [InlineData("max-age=60, proxy-revalidate", 502)]
    [InlineData("s-maxage=60", 502)]
    public async Task AHeadThatDisagrees_PermitsNothingThatWasForbidden(string directives, int status)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.On(null, "/x", request => Reply.Ok("x", $"Cache-Control: {directives}", request.Method == "HEAD" ? "ETag: \"b\"" : "ETag: \"a\""));
        await env.GetAsync("/x");
        await env.SendAsync("HEAD", "/x", null, "Cache-Control: no-cache");
        await env.Origin.GoAway();

        Assert.Equal(status, (await env.GetAsync("/x")).Status);
    }

    [Theory]
    [Covers("RFC 9530 2", "the digest of a body stays with it: that of a HEAD or a 304 is of no content")]
    [InlineData("HEAD", 1, "Content-Digest", false)]
    [InlineData("GET", 61, "Content-Digest", false)]
    [InlineData("GET", 61, "Content-MD5", false)]
    [InlineData("GET", 61, "Repr-Digest", true)]
    public async Task DigestsOfWhatHasNoContent_AreNotTakenForTheBodys(string method, int age, string name, bool isTaken)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.On(null, "/x", request => Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh, $"{name}: {(request.Method == "HEAD" || request.Has("If-None-Match") ? "none" : "body")}"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(age);
        await env.SendAsync(method, "/x", null, "Cache-Control: no-cache");

        var hit = await env.GetAsync("/x");

        CacheAssert.Hit(hit);
        Assert.Equal((isTaken ? "none" : "body", 2), (hit.Header(name), env.Origin.Requests("/x")));
    }

    [Fact]
    public async Task ARequestThatMayNotBeStored_TakesNothingOut()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        Assert.Equal("x", (await env.GetAsync("/x", "Authorization: me")).Text);

        await env.GetAsync("/x");

        Assert.Equal("\"v1\"", env.Origin.Last("/x").Header("If-None-Match"));
    }

    [Fact]
    public async Task AfterASoftInvalidation_AnErrorIsAnsweredByTheOldOnlyWhereThatMayBeStale()
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/{id}" }, "ttl": "1h", "tags": ["all"] } } }""");
        foreach (var (path, directives) in new[] { ("/strict", "max-age=3600, must-revalidate"), ("/silent", "max-age=3600"), ("/stale", "max-age=3600, stale-if-error=600") })
        {
            env.Origin.Get(path, Reply.Ok("old", $"Cache-Control: {directives}"), Reply.Of(503, "down"));
            await env.GetAsync(path);
        }

        using var receipt = await env.InvalidateAsync(new { tags = new[] { "all" }, soft = true });

        Assert.Equal((503, 503, 200), ((await env.GetAsync("/strict")).Status, (await env.GetAsync("/silent")).Status, (await env.GetAsync("/stale")).Status));
    }

    [Fact]
    [Covers("RFC 9111 3.3", "a part is never the answer to a request for the whole")]
    public async Task APart_IsNotConfirmedForWhoWantsTheWhole()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.Get("/v", request => request.Has("If-None-Match") ? Reply.Of(304, "", "ETag: \"a\"", Numbered.Fresh)
            : request.Header("Range") == "bytes=2-5" ? Reply.Of(206, "2345", "ETag: \"a\"", "Content-Range: bytes 2-5/10", Numbered.Fresh)
            : Reply.Ok("0123456789", "ETag: \"a\"", Numbered.Fresh));
        await env.GetAsync("/v", "Range: bytes=2-5");

        var whole = await env.GetAsync("/v");

        Assert.Equal((200, "0123456789"), (whole.Status, whole.Text));
    }

    [Fact]
    [Covers("RFC 9110 13.1.5", "If-Range compares strongly, also with a tag that a 304 made weak")]
    public async Task WeakTagOfA304_IsNoStrongOneAnyMore()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => request.Has("If-None-Match") ? Reply.Of(304, "", "ETag: W/\"a\"", Numbered.Fresh) : Reply.Ok("0123456789", "ETag: \"a\"", Numbered.Fresh));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        Assert.Equal("W/\"a\"", (await env.GetAsync("/x")).Header("ETag"));

        var answer = await env.GetAsync("/x", "Range: bytes=0-1", "If-Range: \"a\"");

        Assert.Equal((200, "0123456789"), (answer.Status, answer.Text));
    }

    [Theory]
    [Covers("RFC 9111 5.2.2.7", "what private withholds from storage is for the client whose request brought it, by a 304 too")]
    [InlineData("Cache-Control: max-age=60, no-cache=\"set-cookie\"", "Set-Cookie: sid=")]
    [InlineData("Cache-Control: max-age=60, private=\"x-user\"", "X-User: ")]
    public async Task WithheldFieldsOfA304_AreForTheClientThatCausedIt(string control, string field)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "body", control, $"{field}{request.PathNumber}"));
        var name = field.Split(':')[0];
        Assert.EndsWith("1", (await env.GetAsync("/x")).Header(name), StringComparison.Ordinal);
        env.Time.AdvanceSeconds(61);

        var validated = await env.GetAsync("/x");
        var hit = await env.GetAsync("/x");

        Assert.Equal((200, "body"), (validated.Status, validated.Text));
        Assert.EndsWith("2", validated.Header(name), StringComparison.Ordinal);
        CacheAssert.Hit(hit);
        Assert.False(hit.Has(name));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task SetCookieOfA304_ThatThePolicyStrips_IsForTheClientThatCausedIt()
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "setCookie": "strip" } } }""");
        env.Origin.Get("/p", request => Reply.Conditional(request, "\"v1\"", "body", $"Set-Cookie: sid={request.PathNumber}"));
        await env.GetAsync("/p");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("sid=2", (await env.GetAsync("/p")).Header("Set-Cookie"));
        Assert.False((await env.GetAsync("/p")).Has("Set-Cookie"));
    }
}
