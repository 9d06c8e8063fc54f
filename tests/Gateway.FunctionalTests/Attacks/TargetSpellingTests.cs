using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>A target that the gateway and the origin could read as two different paths goes by one of them alone, and is stored under none.</summary>
public sealed class TargetSpellingTests
{
    private const string Share = "\"key\": { \"identity\": \"share\", \"sharedOnPurpose\": \"the same for everybody\" }";

    [Theory]
    [Attack("A17", "An encoded slash, once and twice")]
    [Attack("C03", "Path traversal into a cached folder")]
    [InlineData("/static/../account")]
    [InlineData("/static/..%2faccount")]
    [InlineData("/static/..%2Faccount")]
    [InlineData("/static/..%5caccount")]
    [InlineData("/static/..%5Caccount")]
    [InlineData("/static/%2e%2e%2faccount")]
    [InlineData("/static/x%2f..%2f..%2faccount")]
    [InlineData("/static/..%3b/account")]
    [InlineData("/static/..%3Bx=1/account")]
    [InlineData("/static/..;x%2faccount")]
    [InlineData("/static/%252e%252e/account")]
    [InlineData("/static/..%252faccount")]
    [InlineData("/static/..%255Caccount")]
    [InlineData("/static/..%253b/account")]
    [InlineData("/static/%25252e./account")]
    [InlineData("/static/account%2f.")]
    public async Task DotSegments_InDisguise_AreNotStored(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { "static": { "match": { "path": "/static/{*r}" }, "ttl": "1h", {{Share}} } } }""");
        env.Origin.Get("/*", request => Reply.Ok(request.Header("Cookie") ?? "nobody"));

        Assert.Equal("sid=victim", (await env.GetAsync(target, "Cookie: sid=victim")).Text);
        var attackers = await env.GetAsync(target);

        Assert.Equal("nobody", attackers.Text);
        CacheAssert.Miss(attackers, Reason.Unkeyable);
    }

    [Theory]
    [InlineData("/static/a%2fb")]
    [InlineData("/static/a%252Fb")]
    [InlineData("/static/a..b%2f...%3bc")]
    [InlineData("/static/.well-known%2fa")]
    public async Task EncodedSlashes_WithoutDotSegments_AreStored(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { "static": { "match": { "path": "/static/{*r}" }, "ttl": "1h", {{Share}} } } }""");
        env.Origin.Get("/*", Reply.Ok("x"));

        await env.GetAsync(target);

        CacheAssert.Hit(await env.GetAsync(target));
    }
}
