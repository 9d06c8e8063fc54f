namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What a stored 200 says of itself is not said of the part, the coding or the refusal that is made from it.</summary>
public sealed class FieldsOfOtherStatusTests
{
    [Theory]
    [InlineData(206, "Range: bytes=0-1", "public, max-age=60")]
    [InlineData(416, "Range: bytes=99-", null)]
    [InlineData(304, "If-None-Match: \"v1\"", "public, max-age=60")]
    public async Task DigestsAndLifetime_GoWithWhatTheyAreAbout(int status, string condition, string? lifetime)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("0123456789", "ETag: \"v1\"", "Cache-Control: public, max-age=60", "CDN-Cache-Control: max-age=60", "Content-Digest: sha-256=:AA==:", "Repr-Digest: sha-256=:BB==:"));
        Assert.True((await env.GetAsync("/x")).Has("Content-Digest"));

        var answer = await env.GetAsync("/x", condition);

        Assert.Equal((status, lifetime, false), (answer.Status, answer.Header("Cache-Control"), answer.Has("Content-Digest")));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    [Covers("RFC 9530 2", "an answer to HEAD has no content, and no digest of any")]
    public async Task AHead_HasNoDigestOfContent()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("0123456789", Numbered.Fresh, "Content-Digest: sha-256=:AA==:", "Repr-Digest: sha-256=:BB==:"));
        await env.GetAsync("/x");

        var answer = await env.SendAsync("HEAD", "/x");

        CacheAssert.Hit(answer);
        Assert.Equal((200, false, "sha-256=:BB==:", "10"), (answer.Status, answer.Has("Content-Digest"), answer.Header("Repr-Digest"), answer.Header("Content-Length")));
    }

    [Fact]
    public async Task ACodingMadeHere_HasNoDigestOfAnother()
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "compress": true } } }""");
        env.Origin.Get("/p", Reply.Ok(new string('x', 4000), "Content-Type: text/plain", "Repr-Digest: sha-256=:BB==:"));
        Assert.True((await env.GetAsync("/p")).Has("Repr-Digest"));

        var coded = await env.GetAsync("/p", "Accept-Encoding: br");

        Assert.Equal(("br", false), (coded.Header("Content-Encoding"), coded.Has("Repr-Digest")));
    }

    [Fact]
    [Covers("RFC 9875 2", "a group of more than 32 characters is one too")]
    public async Task ALongGroup_IsInvalidated()
    {
        var group = new string('g', 40);
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", "Cache-Control: public, max-age=60", $"Cache-Groups: \"{group}\""));
        env.Origin.On("POST", "/w", _ => Reply.Ok("", $"Cache-Group-Invalidation: \"{group}\""));
        await env.GetAsync("/x");

        await env.SendAsync("POST", "/w", "");

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Theory]
    [Covers("RFC 9875 2", "groups are the strings of a list: parameters and what is no list name none")]
    [InlineData("Cache-Groups: \"a\";note=\"b\"", "\"b\"", false)]
    [InlineData("Cache-Groups: \"a\";note=\"b\"", "\"a\"", true)]
    [InlineData("Cache-Groups: \"b\" \"a\"", "\"b\"", false)]
    [InlineData("Cache-Groups: \"b\"", "\"a\";note=\"b\"", false)]
    [InlineData("Cache-Groups: \"b\"", "\"b\", (", false)]
    [InlineData("Cache-Groups: \"x\", \"b\"", "token, \"b\"", true)]
    public async Task Groups_AreReadAsStructuredFields(string groups, string raised, bool isCleared)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", Numbered.Fresh, groups));
        env.Origin.On("POST", "/w", _ => Reply.Ok("", $"Cache-Group-Invalidation: {raised}"));
        await env.GetAsync("/x");

        await env.SendAsync("POST", "/w", "");

        Assert.Equal(isCleared ? "2" : "1", (await env.GetAsync("/x")).Text);
    }
}
