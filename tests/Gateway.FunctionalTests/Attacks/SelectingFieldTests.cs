using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>What tells responses apart is what the origin saw: not a field that stayed here, not one that this gateway wrote.</summary>
public sealed class SelectingFieldTests
{
    private const string Fresh = "Cache-Control: public, max-age=60";

    [Fact]
    public async Task KeyedField_NamedByConnection_IsNotKeyed()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"headers\": [\"X-Tenant\"] }"));
        env.Origin.Get("/t", request => Reply.Ok($"tenant {request.Header("X-Tenant") ?? "none"}", Fresh));

        Assert.Equal("tenant none", (await env.GetAsync("/t", "X-Tenant: acme", "Connection: X-Tenant")).Text);
        var victim = await env.GetAsync("/t", "X-Tenant: acme");

        Assert.Equal("tenant acme", victim.Text);
        CacheAssert.Miss(victim);
    }

    [Fact]
    public async Task Identity_NamedByConnection_IsNobodys()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"identity\": \"isolate\" }"));
        env.Origin.Get("/t", request => Reply.Ok($"for {request.Header("Authorization") ?? "nobody"}", Fresh));

        Assert.Equal("for nobody", (await env.GetAsync("/t", "Authorization: me", "Connection: keep-alive, authorization")).Text);
        Assert.Equal("for me", (await env.GetAsync("/t", "Authorization: me")).Text);
    }

    [Theory]
    [InlineData("Cookie: x=1")]
    [InlineData("X-None: 1")]
    public async Task VaryingField_NamedByConnection_SelectsNothing(string other)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/t", request => Reply.Ok(request.Header("Accept-Language") ?? "en", Fresh, "Vary: Accept-Language"));

        Assert.Equal("en", (await env.GetAsync("/t", "Accept-Language: de", "Connection: Accept-Language", other)).Text);

        Assert.Equal("de", (await env.GetAsync("/t", "Accept-Language: de")).Text);
    }

    [Fact]
    public async Task Connection_NamesWhatItMayNot_AndNothingIsLost()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/t", request => Reply.Ok($"{request.BodyText} {request.Header("X-Forwarded-Proto")} {request.Header("X-Mine")}", Fresh));

        var answer = await env.SendAsync("POST", "/t", "body", "Connection: keep-alive, X-Forwarded-Proto, Content-Length, Host, X-Mine", "X-Mine: 1");

        Assert.Equal("body http ", answer.Text);
    }

    [Fact]
    public async Task VaryOnTheClientsAddress_IsForOneClientAlone()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/t", Reply.Ok("x", Fresh, "Vary: Accept, X-Forwarded-For"));
        await env.GetAsync("/t");

        CacheAssert.Miss(await env.GetAsync("/t"), Reason.HitForMiss);
        Assert.Equal(2, env.Origin.Requests("/t"));
    }

    [Theory]
    [Attack("A05", "Host in other spellings")]
    [InlineData("gw.test.", "X-None: 1")]
    [InlineData("gw.test:80", "X-None: 1")]
    [InlineData("GW.TEST", "X-None: 1")]
    [InlineData("Gw.Test:80", "Cookie: x=1")]
    [InlineData("gw.test.:80", "Cookie: x=1")]
    public async Task Host_InAnotherSpelling_IsSentInTheOneThatIsKeyed(string host, string other)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/t", request => Reply.Ok($"{request.Header("Host")} {request.Header("X-Forwarded-Host")}", Fresh));

        Assert.Equal("gw.test gw.test", (await env.GetAsync("/t", $"Host: {host}", other)).Text);
        CacheAssert.Hit(await env.GetAsync("/t", "Host: gw.test"));
    }

    [Fact]
    public async Task ForwardOnly_LeavesNoFieldThatIsNotKeyed()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"forwardOnly\": true, \"vary\": { \"Accept-Language\": \"normalise\" }"));
        env.Origin.Get("/t", request => Reply.Ok(string.Join(',', ((string[])["Accept", "Accept-Encoding", "User-Agent", "Accept-Language"]).Where(request.Has)), Fresh));

        Assert.Equal("Accept-Language", (await env.GetAsync("/t", "Accept: application/xml", "Accept-Encoding: gzip", "User-Agent: phone", "Accept-Language: de")).Text);
    }
}
