using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>For whom a stored response is: each identity, all, or all that carry the same verified claim.</summary>
public sealed class IdentityPolicyTests : IDisposable
{
    private readonly SignedTokens _tokens = new();

    public void Dispose() => _tokens.Dispose();

    [Theory]
    [CoversPolicy("key.identity", "key.sharedOnPurpose")]
    [InlineData("\"isolate\"", 2)]
    [InlineData("\"share\", \"sharedOnPurpose\": \"the answer is the same for everybody\"", 1)]
    public async Task Identity_SaysWhoSharesAnEntry(string identity, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of($"\"key\": {{ \"identity\": {identity} }}"));
        env.Origin.Get("/x", Reply.Ok("x"));

        await env.GetAsync("/x", "Authorization: Bearer a");
        await env.GetAsync("/x", "Authorization: Bearer b");

        Assert.Equal(requests, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Share_WithoutAReason_StopsTheStart()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"identity\": \"share\" }")));

        Assert.Contains("sharedOnPurpose", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [CoversPolicy("$.tokens.algorithms", "$.tokens.keys.kty", "$.tokens.keys.n", "$.tokens.keys.e", "$.tokens.keys.crv", "$.tokens.keys.x", "$.tokens.keys.y", "$.tokens.keys.k")]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task Claim_OfVerifiedTokens_IsWhatEntriesAreKeyedBy(string algorithm)
    {
        await using var env = await StartAsync();
        var end = env.Time.GetUtcNow().AddMinutes(10);

        await env.GetAsync("/x", _tokens.Line(algorithm, "anna", end));
        CacheAssert.Hit(await env.GetAsync("/x", _tokens.Line(algorithm, "anna", end, salt: 1)));
        CacheAssert.Miss(await env.GetAsync("/x", _tokens.Line(algorithm, "bob", end)));

        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [CoversPolicy("$.tokens.issuer", "$.tokens.audience")]
    [InlineData("you", "shop")]
    [InlineData("me", "other")]
    public async Task Claim_OfATokenForOthers_NeverHits(string issuer, string audience)
    {
        await using var env = await StartAsync();
        var end = env.Time.GetUtcNow().AddMinutes(10);
        await env.GetAsync("/x", _tokens.Line("HS256", "anna", end));

        CacheAssert.Miss(await env.GetAsync("/x", _tokens.Line("HS256", "anna", end, issuer, audience)), Reason.Credentials);

        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Claim_OfATokenSignedByAnother_NeverHits()
    {
        using var forger = new SignedTokens();
        await using var env = await StartAsync();
        var end = env.Time.GetUtcNow().AddMinutes(10);
        await env.GetAsync("/x", _tokens.Line("ES256", "anna", end));

        CacheAssert.Miss(await env.GetAsync("/x", forger.Line("ES256", "anna", end)), Reason.Credentials);

        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Claim_OfAnExpiredToken_NeverHits_NorDoesItsEntryOutliveIt()
    {
        await using var env = await StartAsync();
        var end = env.Time.GetUtcNow().AddMinutes(10);
        var later = env.Time.GetUtcNow().AddHours(2);
        await env.GetAsync("/x", _tokens.Line("HS256", "anna", end));
        env.Time.Advance(TimeSpan.FromMinutes(9));
        CacheAssert.Hit(await env.GetAsync("/x", _tokens.Line("HS256", "anna", end)));

        env.Time.Advance(TimeSpan.FromMinutes(1));

        CacheAssert.Miss(await env.GetAsync("/x", _tokens.Line("HS256", "anna", end)), Reason.Credentials);
        CacheAssert.Miss(await env.GetAsync("/x", _tokens.Line("HS256", "anna", later)), Reason.Expired);
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("issuer", "me")]
    [InlineData("audience", "shop")]
    public async Task Claim_OfAnotherIssuerOrAudience_IsAnothersAfterAReload(string member, string value)
    {
        await using var env = await StartAsync();
        var end = env.Time.GetUtcNow().AddMinutes(10);
        await env.GetAsync("/x", _tokens.Line("HS256", "1", end));

        await env.ChangePoliciesAsync(_tokens.Policies.Replace($"\"{member}\": \"{value}\"", $"\"{member}\": \"you\"", StringComparison.Ordinal));
        var token = _tokens.Line("HS256", "1", end, member == "issuer" ? "you" : "me", member == "audience" ? "you" : "shop");

        CacheAssert.Miss(await env.GetAsync("/x", token));
        CacheAssert.Hit(await env.GetAsync("/x", token));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Claim_BesideACookieThatIsNotKeyed_IsNotSharedWithOtherCookies()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/x", request => Reply.Ok(request.Header("Cookie") ?? "none"));
        var token = _tokens.Line("HS256", "tenant", env.Time.GetUtcNow().AddMinutes(10));

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("sid=alice", (await env.GetAsync("/x", token, "Cookie: sid=alice")).Text);
            Assert.Equal("sid=bob", (await env.GetAsync("/x", token, "Cookie: sid=bob")).Text);
            Assert.Equal("none", (await env.GetAsync("/x", token)).Text);
        }

        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("Cookie", "\"isolate\"")]
    [InlineData("Authorization", "\"isolate\"")]
    [InlineData("Cookie", "\"isolate\", \"cookies\": [\"sid\"]")]
    public async Task EmptyCredential_ThatTheOriginSees_IsNotTheAnswerForNobody(string field, string identity)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of($"\"key\": {{ \"identity\": {identity} }}"));
        env.Origin.Get("/x", request => Reply.Ok(request.Has(field) ? "sent" : "none"));

        await env.GetAsync("/x", $"{field}: ");

        Assert.Equal("none", (await env.GetAsync("/x")).Text);
    }

    private async Task<GatewayEnvironment> StartAsync()
    {
        var env = await GatewayEnvironment.StartAsync(_tokens.Policies);
        env.Origin.Get("/x", Reply.Ok("x"));
        return env;
    }
}
