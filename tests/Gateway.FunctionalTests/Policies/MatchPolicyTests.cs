using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>Which requests a policy takes, and what becomes of the others.</summary>
public sealed class MatchPolicyTests
{
    private const string Own = "Cache-Control: max-age=60";

    [Theory]
    [InlineData("\"path\": \"/a/{id}\"", "/a/1", "", true)]
    [InlineData("\"path\": \"/a/{id}\"", "/a/1/b", "", false)]
    [InlineData("\"path\": \"/a/{id}\"", "/a%2F1", "", false)]
    [InlineData("\"path\": \"/a/{id:int}\"", "/a/x", "", false)]
    [InlineData("\"path\": [\"/b\", \"/a/{*rest}\"]", "/a/1/b", "", true)]
    [InlineData("\"hosts\": [\"*.shop.test\"]", "/x", "Host: eu.shop.test", true)]
    [InlineData("\"hosts\": [\"*.shop.test\"]", "/x", "Host: shop.other", false)]
    [InlineData("\"query\": { \"lang\": \"de\" }", "/x?lang=de", "", true)]
    [InlineData("\"query\": { \"lang\": \"de\" }", "/x?lang=en", "", false)]
    [InlineData("\"query\": { \"lang\": \"*\" }", "/x?lang=en", "", true)]
    [InlineData("\"headers\": { \"X-Beta\": \"1\" }", "/x", "X-Beta: 1", true)]
    [InlineData("\"headers\": { \"X-Beta\": \"1\" }", "/x", "X-Beta: 2", false)]
    public async Task Match_EveryCondition_MustHold(string match, string target, string line, bool matches)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { "one": { "match": { {{match}} }, "ttl": "60s" } } }""");
        env.Origin.Get("/*", Reply.Ok("x", Own));
        string[] lines = line.Length > 0 ? [line] : [];

        await env.GetAsync(target, lines);
        var second = await env.GetAsync(target, lines);

        if (matches)
        {
            CacheAssert.Hit(second);
        }
        else
        {
            CacheAssert.Miss(second, Reason.NoPolicy);
            Assert.Equal(2, env.Origin.Log.Count);
        }
    }

    [Fact]
    public async Task Match_OfTheMoreSpecificTemplate_Wins()
    {
        await using var env = await GatewayEnvironment.StartAsync(
            """{ "policies": { "wide": { "match": { "path": "/{*rest}" }, "ttl": "1h" }, "narrow": { "match": { "path": "/a/b" }, "ttl": "10s" } } }""");
        env.Origin.Get("/*", request => Reply.Ok($"{request.PathNumber}"));
        await env.GetAsync("/a/b");
        await env.GetAsync("/a/c");

        env.Time.AdvanceSeconds(11);

        Assert.Equal("2", (await env.GetAsync("/a/b")).Text);
        CacheAssert.Hit(await env.GetAsync("/a/c"));
    }

    [Theory]
    [InlineData("""{ "enabled": false, "policies": { "all": { "ttl": "60s" } } }""", Reason.CacheOff)]
    [InlineData("""{ "policies": { "all": { "enabled": false, "ttl": "60s" } } }""", Reason.PolicyOff)]
    public async Task Switch_Off_PassesEverything(string policies, Reason reason)
    {
        await using var env = await GatewayEnvironment.StartAsync(policies);
        env.Origin.Get("/x", Reply.Ok("x", Own));

        await env.GetAsync("/x");
        CacheAssert.Miss(await env.GetAsync("/x"), reason);

        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Defaults_HoldForPoliciesThatDoNotSetThem()
    {
        await using var env = await GatewayEnvironment.StartAsync(
            """{ "defaults": { "ttl": "60s" }, "policies": { "own": { "match": { "path": "/own" }, "ttl": "10s" }, "rest": {} } }""");
        env.Origin.Get("/*", Reply.Ok("x"));
        await env.GetAsync("/own");
        await env.GetAsync("/rest");

        env.Time.AdvanceSeconds(11);

        CacheAssert.Miss(await env.GetAsync("/own"));
        CacheAssert.Hit(await env.GetAsync("/rest"));
    }

    [Fact]
    public async Task InvalidateBefore_RaisesEvenWhenTheWriteFails()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "60s", "tags": ["t"], "invalidates": ["t"], "invalidateBefore": true } } }
            """);
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}"));
        env.Origin.On("POST", "/write", _ => Reply.Of(500, ""));
        await env.GetAsync("/x");

        await env.SendAsync("POST", "/write");

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task BodyTags_OfTheAnswer_AreRaisedOneByOne()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"tags\": [\"$.items[*].id -> product:{}\"]"));
        env.Origin.Get("/list", request => Reply.Ok($$"""{ "n": {{request.PathNumber}}, "items": [ { "id": 1 }, { "id": 2 } ] }""", "Content-Type: application/json"));
        await env.GetAsync("/list");

        await env.InvalidateAsync("product:3");
        CacheAssert.Hit(await env.GetAsync("/list"));
        await env.InvalidateAsync("product:2");

        CacheAssert.Miss(await env.GetAsync("/list"));
        Assert.Equal(2, env.Origin.Requests("/list"));
    }

    [Fact]
    public async Task BodyTags_OfALargeAnswer_AreThereBeforeItsEndIs()
    {
        // Reading the tags takes a while; a client that has all bytes must find the response stored all the same.
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"tags\": [\"$.items[*].id -> product:{}\"]"));
        var body = $$"""{ "pad": [ {{string.Join(',', Enumerable.Range(0, 300_000))}} ], "items": [ { "id": 1 } ] }""";
        env.Origin.Get("/list", Reply.Ok(body, "Content-Type: application/json"));

        await env.GetAsync("/list");
        CacheAssert.Hit(await env.GetAsync("/list"));

        Assert.Equal(1, env.Origin.Requests("/list"));
    }
}
