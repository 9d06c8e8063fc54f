namespace CacheGateway.FunctionalTests.Admin;

/// <summary>What is written to the admin listener and to the policy file is data: no pattern, no expression, no half-read file.</summary>
public sealed class AttackTests
{
    private const string Good = """{ "policies": { "mine": { "match": { "path": "/x" }, "ttl": "1h" } } }""";

    [Theory]
    [InlineData("*")]
    [InlineData("a[!b]")]
    [InlineData("\\")]
    [InlineData("?")]
    [InlineData("a b")]
    [InlineData("")]
    public async Task Tag_ThatIsAPattern_IsRefused_AndNothingIsInvalidated(string tag)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", "Cache-Tag: abc"));
        await env.GetAsync("/x");

        using var answer = await env.InvalidateAsync(new { tags = new[] { tag } });

        Assert.Equal(400, (int)answer.StatusCode);
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    [Fact]
    public async Task Tag_OfAMegabyte_IsRefused()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.InvalidateAsync(new { tags = new[] { new string('a', 1_000_000) } });

        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Filter_IsALiteral_NotAPattern()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", "Cache-Tag: abc"));
        await env.GetAsync("/x");

        Assert.Equal(0, (await env.JsonAsync("entries?tag=a*")).Number("total"));
        Assert.Equal(0, (await env.JsonAsync("entries?prefix=/*")).Number("total"));
        Assert.Equal(0, (await env.JsonAsync("tags/a%2A")).Number("entries"));
        Assert.Equal(1, (await env.JsonAsync("entries?tag=abc&prefix=/x")).Number("total"));
    }

    [Theory]
    [InlineData("f:b/c", "f:b/c")]
    [InlineData("f:b/c", "f:b%2Fc")]
    [InlineData("f:b/c", "f%3Ab%2fc")]
    [InlineData("f:b%2Fc", "f:b%252Fc")]
    public async Task TagWithASlash_IsFound(string carried, string tag)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", $"Cache-Tag: {carried}"));
        await env.GetAsync("/x");

        Assert.Equal(1, (await env.JsonAsync("tags/" + tag)).Number("entries"));
    }

    [Theory]
    [InlineData("page=0&size=0")]
    [InlineData("page=-5&size=1000000")]
    [InlineData("page=2147483647&size=200")]
    public async Task Pages_StayWithinTheirLimits(string query)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        Assert.InRange((await env.JsonAsync("entries?" + query)).Number("size"), 1, 200);
    }

    [Fact]
    public async Task Page_ThatIsNoNumber_IsAProblem()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.AdminAsync("/api/v2/cache/entries?page=abc");

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("""{ "policies": { "mine": { "match": { "path": "/x" }, "ttl": "1h", "ttl": "0s" } } }""")]
    [InlineData("""{ /* no */ "policies": {} }""")]
    [InlineData("""{ "policies": { "mine": { "match": { "path": "/x" }, "ttl": "99999999999d" } } }""")]
    [InlineData("""{ "policies": { "../../etc": { "ttl": "1h" } } }""")]
    [InlineData("""{ "policies": {}, "$include": "../../etc/passwd" }""")]
    [InlineData("deep")]
    public async Task PolicyFile_ThatAttacks_IsRefused_AndTheOldOneStays(string text)
    {
        await using var env = await GatewayEnvironment.StartAsync(Good);
        env.Origin.Get("/x", Reply.Ok("x"));
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(text == "deep" ? new string('[', 1_000_000) : text);

        var policies = await env.JsonAsync("policies");
        Assert.NotEqual(0, policies.GetProperty("errors").GetArrayLength());
        Assert.Equal("mine", policies.GetProperty("policies")[0].Text("name"));
        CacheAssert.Hit(await env.GetAsync("/x"));
    }
}
