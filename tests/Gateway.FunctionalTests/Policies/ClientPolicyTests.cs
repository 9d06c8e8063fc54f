using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>What a policy tells clients and how it answers them.</summary>
public sealed class ClientPolicyTests
{
    [Fact]
    [CoversPolicy("client.cacheControl")]
    public async Task CacheControl_WithMaxAge_GivesEachClientItsFullTime()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"client\": { \"cacheControl\": \"public, max-age=60\" }"));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=1000"));

        var first = await env.GetAsync("/x");
        env.Time.AdvanceSeconds(100);
        var hit = await env.GetAsync("/x");

        Assert.Equal("public, max-age=60", first.Header("Cache-Control"));
        Assert.Equal(("public, max-age=160", 100), (hit.Header("Cache-Control"), hit.Age));
    }

    /// <summary>As long as the content stays the same, nothing but confirmations comes.</summary>
    [Theory]
    [InlineData("\"client\": { \"cacheControl\": \"private, max-age=0\" }", "private, max-age=0")]
    [InlineData("", "max-age=60")]
    public async Task CacheControl_ThatWasChanged_HoldsFromTheNextConfirmation(string now, string told)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"client\": { \"cacheControl\": \"public, max-age=86400\" }"));
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"a\"", "x", "Cache-Control: max-age=60"));
        Assert.Equal("public, max-age=86400", (await env.GetAsync("/x")).Header("Cache-Control"));

        await env.ChangePoliciesAsync(PolicyText.Of(now));
        env.Time.AdvanceSeconds(61);
        var confirmed = await env.GetAsync("/x");
        var hit = await env.GetAsync("/x");

        Assert.Equal("\"a\"", env.Origin.Last("/x").Header("If-None-Match"));
        CacheAssert.Hit(hit);
        Assert.Equal((told, told), (confirmed.Header("Cache-Control"), hit.Header("Cache-Control")));
    }

    /// <summary>A cache behind this one would keep what the origin has just taken back.</summary>
    [Theory]
    [InlineData("Set-Cookie: sid=a", "max-age=60")]
    [InlineData("Cache-Control: private", "private")]
    [InlineData("Cache-Control: no-store", "no-store")]
    [InlineData("Cache-Control: max-age=60, private=\"X-Own\"\r\nX-Own: a", "max-age=60, private=\"X-Own\"")]
    public async Task CacheControl_OfA304ThatForbidsStoring_IsTheOrigins(string fields, string told)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"client\": { \"cacheControl\": \"public, max-age=86400\" }"));
        env.Origin.Get("/x", Reply.Ok("x", "ETag: \"a\"", "Cache-Control: max-age=60"), Reply.Of(304, "", ["ETag: \"a\"", .. fields.Split("\r\n")]));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        var answer = await env.GetAsync("/x");

        Assert.Equal("\"a\"", env.Origin.Last("/x").Header("If-None-Match"));
        Assert.Equal((200, told), (answer.Status, answer.Header("Cache-Control")));
    }

    /// <summary>The same of what is one client's alone, beside what all may have.</summary>
    [Theory]
    [InlineData("", "max-age=60, private=\"Set-Cookie\"")]
    [InlineData("\"setCookie\": \"strip\", ", "max-age=60")]
    public async Task CacheControl_BesideAFieldOfOneClient_IsTheOrigins(string members, string control)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of(members + "\"client\": { \"cacheControl\": \"public, max-age=86400\" }"));
        env.Origin.Get("/x", Reply.Ok("x", $"Cache-Control: {control}", "Set-Cookie: sid=a"));

        var own = await env.GetAsync("/x");
        var shared = await env.GetAsync("/x");

        Assert.Equal((true, control), (own.Has("Set-Cookie"), own.Header("Cache-Control")));
        CacheAssert.Hit(shared);
        Assert.Equal((false, "public, max-age=86400"), (shared.Has("Set-Cookie"), shared.Header("Cache-Control")));
    }

    /// <summary>What there is no room for is told like the rest.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("Authorization: Basic YTpi")]
    public async Task CacheControl_OfWhatIsTooLargeHere_IsThePolicys(string? credentials)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"1KB\", \"client\": { \"cacheControl\": \"no-cache\" }"));
        env.Origin.Get("/x", Reply.Ok(new string('x', 2000), "Cache-Control: public, max-age=86400"));

        var answer = await env.GetAsync("/x", credentials ?? "X-None: 1");

        CacheAssert.Miss(answer, Reason.ResponseTooLarge);
        Assert.Equal("no-cache", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task CacheControl_IsSaidOfWhatMayBeStored_WhicheverWayItCame()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"client\": { \"cacheControl\": \"public, max-age=60\" }"));
        env.Origin.Get("/x", Reply.Ok("1", "Cache-Control: private"), Reply.Ok("2", "Cache-Control: max-age=1000", "Age: 7"));

        var own = await env.GetAsync("/x");
        var passed = await env.GetAsync("/x");

        Assert.Equal("private", own.Header("Cache-Control"));
        CacheAssert.Miss(passed, Reason.HitForMiss);
        Assert.Equal(("2", "public, max-age=67"), (passed.Text, passed.Header("Cache-Control")));
        Assert.Equal("public, max-age=67", (await env.GetAsync("/x")).Header("Cache-Control"));
    }

    [Fact]
    [CoversPolicy("client.etag")]
    public async Task GeneratedETag_AnswersConditions_AndStaysHere()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"ttl\": \"60s\", \"client\": { \"etag\": \"generate\" }"));
        env.Origin.Get("/x", Reply.Ok("x"), Reply.Ok("x"), Reply.Ok("y"));

        var first = await env.GetAsync("/x");
        var etag = first.Header("ETag");
        Assert.NotNull(etag);
        Assert.Matches("^\"[^\"]+\"$", etag);
        Assert.Equal(304, (await env.GetAsync("/x", $"If-None-Match: {etag}")).Status);
        env.Time.AdvanceSeconds(61);
        var sameBytes = await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        var otherBytes = await env.GetAsync("/x");

        Assert.Equal(etag, sameBytes.Header("ETag"));
        Assert.NotEqual(etag, otherBytes.Header("ETag"));
        Assert.All(env.Origin.LogOf("/x"), request => Assert.False(request.Has("If-None-Match")));
    }

    [Fact]
    public async Task GeneratedETag_LeavesTheOriginsOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"client\": { \"etag\": \"generate\" }"));
        env.Origin.Get("/x", Reply.Ok("x", "ETag: \"own\""));

        Assert.Equal("\"own\"", (await env.GetAsync("/x")).Header("ETag"));
        Assert.Equal("\"own\"", (await env.GetAsync("/x")).Header("ETag"));
    }

    [Theory]
    [CoversPolicy("client.reload")]
    [InlineData("ignore", 1)]
    [InlineData("collapse", 2)]
    [InlineData("honour", 4)]
    public async Task Reload_ByClients_CostsWhatThePolicySays(string reload, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of($"\"client\": {{ \"reload\": \"{reload}\" }}"));
        env.Origin.Get("/x", Reply.Ok("x"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);

        for (var i = 0; i < 3; i++)
        {
            await env.GetAsync("/x", "Cache-Control: no-cache");
        }

        Assert.Equal(requests, env.Origin.Requests("/x"));
    }

    [Fact]
    [CoversPolicy("forwardTags")]
    public async Task ForwardTags_SendsThemToClients()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"forwardTags\": true"));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Tag: a"));

        Assert.Equal("a", (await env.GetAsync("/x")).Header("Cache-Tag"));
        Assert.Equal("a", (await env.GetAsync("/x")).Header("Cache-Tag"));
    }

    [Theory]
    [CoversPolicy("rangeFetchWhole")]
    [InlineData("", 2)]
    [InlineData("\"rangeFetchWhole\": \"1MB\"", 1)]
    public async Task RangeFetchWhole_AnswersARangeOnAMissFromTheWhole(string member, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of(member));
        env.Origin.Get("/x", request => request.Has("Range")
            ? Reply.Of(206, "01", "Content-Range: bytes 0-1/10")
            : Reply.Ok("0123456789"));

        var part = await env.GetAsync("/x", "Range: bytes=0-1");
        var whole = await env.GetAsync("/x");

        Assert.Equal((206, "01"), (part.Status, part.Text));
        Assert.Equal("0123456789", whole.Text);
        Assert.Equal(requests, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("\"compress\": true")]
    [InlineData("\"tags\": [\"$.id -> product:{}\"]")]
    [InlineData("\"forwardOnly\": true")]
    public async Task VaryOnWhatTheOriginIsNotSent_StillHits(string member)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of(member));
        env.Origin.Get("/x", Reply.Ok("{\"id\": 1}", "Content-Type: application/json", "Vary: Accept-Encoding, X-Theme"));
        await env.GetAsync("/x", "Accept-Encoding: gzip", "Origin: https://a.test");

        CacheAssert.Hit(await env.GetAsync("/x", "Accept-Encoding: gzip", "Origin: https://a.test"));
        CacheAssert.Hit(await env.GetAsync("/x", "Accept-Encoding: gzip"));
    }

    [Theory]
    [CoversPolicy("compress")]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Compress_ServesACodingThatTheClientAccepts(string coding)
    {
        var text = new string('x', 10_000);
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true"));
        env.Origin.Get("/x", Reply.Ok(text, "Content-Type: text/plain", "ETag: \"own\""));
        await env.GetAsync("/x");

        var squeezed = await env.GetAsync("/x", $"Accept-Encoding: {coding}");
        var plain = await env.GetAsync("/x", $"Accept-Encoding: {coding};q=0");

        Assert.Equal(coding, squeezed.Header("Content-Encoding"));
        Assert.Equal(text, Decode(coding, squeezed.Body));
        Assert.NotEqual("\"own\"", squeezed.Header("ETag"));
        Assert.Equal((text, false), (plain.Text, plain.Has("Content-Encoding")));
        foreach (var answer in (RawResponse[])[squeezed, plain])
        {
            Assert.Contains("Accept-Encoding", answer.Header("Vary") ?? "", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The pieces in which a body comes are another thing on every node and at every fetch.</summary>
    [Theory]
    [Covers("RFC 9110 8.8.1", "a strong entity tag of a coding made here stands for the same bytes however the body came")]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Compress_OfABodyThatComesInOtherPieces_HasTheSameBytesUnderTheSameTag(string coding)
    {
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(i => $"{{\"id\": {i}}},"));
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true"));
        env.Origin.Get(
            "/x", Reply.Ok(text, "Content-Type: application/json", "ETag: \"own\""),
            Reply.Chunked([.. text.Chunk(5000).Select(piece => (ReplyPiece)new string(piece))], "Content-Type: application/json", "ETag: \"own\""));
        await env.GetAsync("/x");
        var whole = await env.GetAsync("/x", $"Accept-Encoding: {coding}");

        await env.InvalidateAsync(new { urls = new[] { "/x" } });
        await env.GetAsync("/x");
        var pieces = await env.GetAsync("/x", $"Accept-Encoding: {coding}");

        Assert.Equal(2, env.Origin.Requests("/x"));
        Assert.Equal(whole.Header("ETag"), pieces.Header("ETag"));
        Assert.Equal(whole.Body, pieces.Body);
    }

    /// <summary>What a 304 forbids is not sent on, and what it leaves says that it varies.</summary>
    [Theory]
    [Covers("RFC 9111 5.2.2.6", "no-transform of a 304 takes back the codings made before")]
    [InlineData("Cache-Control: max-age=60, no-transform", false)]
    [InlineData("Cache-Control: max-age=60", true)]
    public async Task Compress_AfterA304(string control, bool isCoded)
    {
        var text = new string('x', 10_000);
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true, \"ttl\": \"60s\""));
        env.Origin.Get(
            "/x", Reply.Ok(text, "Content-Type: text/plain", "ETag: \"1\"", "Vary: Origin", "Cache-Control: max-age=60"), Reply.Of(304, "", "ETag: \"1\"", "Vary: Origin", control));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        Assert.Equal(200, (await env.GetAsync("/x")).Status);

        var hit = await env.GetAsync("/x", "Accept-Encoding: br");

        CacheAssert.Hit(hit);
        Assert.Equal(isCoded, hit.Has("Content-Encoding"));
        Assert.Equal(isCoded, string.Join(",", hit.HeaderLines.Values("Vary")).Contains("Accept-Encoding", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    [Covers("RFC 9111 5.2.2.6", "no-transform keeps the content as it is")]
    public async Task Compress_OfWhatMustNotBeTransformed_IsLeftOut()
    {
        var text = new string('x', 10_000);
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true"));
        env.Origin.Get("/x", Reply.Ok(text, "Content-Type: text/plain", "Cache-Control: max-age=60, no-transform"));
        await env.GetAsync("/x");

        var hit = await env.GetAsync("/x", "Accept-Encoding: br, gzip");

        CacheAssert.Hit(hit);
        Assert.Equal((text, false), (hit.Text, hit.Has("Content-Encoding")));
    }

    [Fact]
    [CoversPolicy("vary")]
    public async Task VaryBypass_IsNotStored()
    {
        await using var env = await StartVaryAsync("\"vary\": { \"X-A\": \"bypass\" }");

        await env.GetAsync("/x", "X-A: 1");
        var second = await env.GetAsync("/x", "X-A: 1");

        CacheAssert.Miss(second);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    [CoversPolicy("vary")]
    public async Task VaryIgnore_GivesAllWhatTheFirstGot()
    {
        await using var env = await StartVaryAsync("\"vary\": { \"X-A\": \"ignore\" }");

        await env.GetAsync("/x", "X-A: 1");
        var second = await env.GetAsync("/x", "X-A: 2");

        CacheAssert.Hit(second);
        Assert.Equal(("1", "X-A"), (second.Text, second.Header("Vary")));
    }

    /// <summary>What is not compared must not have been sent either, where only what is compared is.</summary>
    [Fact]
    [CoversPolicy("vary")]
    public async Task VaryIgnore_UnderForwardOnly_IsNotForwarded()
    {
        await using var env = await StartVaryAsync("\"vary\": { \"X-A\": \"ignore\" }, \"forwardOnly\": true");

        Assert.Equal("none", (await env.GetAsync("/x", "X-A: 1")).Text);
    }

    [Theory]
    [CoversPolicy("vary")]
    [InlineData("", 1)]
    [InlineData("\"vary\": { \"Accept-Encoding\": \"exact\" }", 2)]
    public async Task VaryExact_ComparesTheBytes(string member, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of(member));
        env.Origin.Get("/x", Reply.Ok("x", "Vary: Accept-Encoding"));

        await env.GetAsync("/x", "Accept-Encoding: gzip, br");
        await env.GetAsync("/x", "Accept-Encoding: br,gzip");

        Assert.Equal(requests, env.Origin.Requests("/x"));
    }

    [Fact]
    [CoversPolicy("maxVariants")]
    public async Task MaxVariants_KeepsNoMore()
    {
        await using var env = await StartVaryAsync("\"maxVariants\": 2");

        foreach (var value in (string[])["1", "2", "3"])
        {
            await env.GetAsync("/x", $"X-A: {value}");
        }

        var hits = 0;
        foreach (var value in (string[])["1", "2", "3"])
        {
            hits += (await env.GetAsync("/x", $"X-A: {value}", "Cache-Control: only-if-cached")).Status == 200 ? 1 : 0;
        }

        Assert.Equal(2, hits);
    }

    private static async Task<GatewayEnvironment> StartVaryAsync(string members)
    {
        var env = await GatewayEnvironment.StartAsync(PolicyText.Of(members));
        env.Origin.Get("/x", request => Reply.Ok(request.Header("X-A") ?? "none", "Vary: X-A"));
        return env;
    }

    private static string Decode(string coding, byte[] body)
    {
        using var squeezed = new MemoryStream(body);
        using Stream decoder = coding == "br" ? new BrotliStream(squeezed, CompressionMode.Decompress) : new GZipStream(squeezed, CompressionMode.Decompress);
        using var text = new StreamReader(decoder, Encoding.UTF8);
        return text.ReadToEnd();
    }

    [Theory]
    [Covers("RFC 9110 8.8.3", "an origin is asked by the entity tags that it gave")]
    [InlineData("PUT", "If-Match", "gzip")]
    [InlineData("PUT", "If-Match", "br")]
    [InlineData("DELETE", "If-None-Match", "gzip")]
    [InlineData("GET", "If-Match", "gzip")]
    public async Task TagsOfCodingsMadeHere_AreTheOriginsOwn_WhereTheyAreForwarded(string method, string condition, string coding)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "compress": true } } }""");
        env.Origin.On(null, "/p", _ => Reply.Ok(new string('x', 4000), "Content-Type: text/plain", "ETag: \"a\""));
        var coded = await env.GetAsync("/p", $"Accept-Encoding: {coding}");
        // What is said of the tag in the docs: whoever has the bytes can tell.
        Assert.Equal($"\"a-{coding}.{Convert.ToHexStringLower(SHA256.HashData(coded.Body))[..8]}\"", coded.Header("ETag"));

        // An origin may have tags of its own that end in the name of a coding.
        await env.SendAsync(method, "/p", method == "PUT" ? "y" : null, $"{condition}: {coded.Header("ETag")}, W/\"b-br.0123abcd\", \"c-gzip\"");

        Assert.Equal(2, env.Origin.Requests("/p"));
        Assert.Equal("\"a\", W/\"b\", \"c-gzip\"", env.Origin.Last("/p").Header(condition));
    }

    /// <summary>The origin's 304 would name a tag that is not the client's.</summary>
    [Theory]
    [Covers("RFC 9110 15.4.5", "a 304 that passes names no tag but one that was asked about")]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task IfNoneMatch_OfAReadThatPasses_IsNotTakenForTheOriginsOwn(string method)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "compress": true } } }""");
        env.Origin.On(null, "/p", request => Reply.Conditional(request, "\"a\"", new string('x', 4000), "Content-Type: text/plain"));
        var coded = await env.GetAsync("/p", "Accept-Encoding: gzip");
        await env.InvalidateAsync(new { urls = (string[])["/p"] });

        var passed = await env.SendAsync(method, "/p", null, "Accept-Encoding: gzip", "Cache-Control: no-store", $"If-None-Match: {coded.Header("ETag")}");

        Assert.Equal(200, passed.Status);
    }

    [Fact]
    public async Task IfRange_WithTheTagOfACodingMadeHere_IsNotTakenForTheOriginsBytes()
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "compress": true } } }""");
        env.Origin.On(null, "/p", _ => Reply.Ok(new string('x', 4000), "Content-Type: text/plain", "ETag: \"a\""));

        await env.GetAsync("/p", "Range: bytes=10-20", "If-Range: \"a-gzip.0123abcd\"");

        Assert.NotEqual("\"a\"", env.Origin.Last("/p").Header("If-Range"));
    }
}
