using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>URLs that hold a secret are neither stored nor answered from what is stored, unless a policy says what is no secret.</summary>
public sealed class SecretUrlTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Theory]
    [Attack("C10", "Secrets in URLs")]
    [InlineData("access_token=abc")]
    [InlineData("a=b&X-Amz-Signature=abc")]
    [InlineData("x-amz-signature=abc")]
    [InlineData("sig=abc&a=b")]
    [InlineData("token")]
    [InlineData("a=b;token=abc")]
    [InlineData("%74oken=abc")]
    [InlineData("to%6Ben=abc")]
    [InlineData("&&API_KEY=abc")]
    public async Task UsualSecret_IsNotStored(string query)
    {
        var path = gateway.Page(_ => Reply.Ok("signed", "Cache-Control: public, max-age=60"));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            CacheAssert.Miss(await gateway.Environment.GetAsync($"{path}?{query}"), Reason.SecretInUrl);
        }

        Assert.Equal(2, gateway.Environment.Origin.Requests(path));
    }

    [Theory]
    [InlineData("tokens=abc")]
    [InlineData("a=token")]
    [InlineData("a=b&mytoken=abc")]
    [InlineData("a=%26token=abc")]
    public async Task OtherNames_AreStored(string query)
    {
        var path = gateway.Page(_ => Reply.Ok("page", "Cache-Control: max-age=60"));
        await gateway.Environment.GetAsync($"{path}?{query}");
        CacheAssert.Hit(await gateway.Environment.GetAsync($"{path}?{query}"));
    }

    [Theory]
    [Attack("C10", "Secrets in URLs")]
    [CoversPolicy("key.query.secret")]
    [InlineData("\"secret\": [\"ticket\", \"s_*\"]", "ticket=1", false)]
    [InlineData("\"secret\": [\"ticket\", \"s_*\"]", "S_anything=1", false)]
    [InlineData("\"secret\": [\"ticket\", \"s_*\"]", "token=1", true)]
    [InlineData("\"secret\": []", "token=1", true)]
    [InlineData("\"ignore\": [\"token\"]", "token=1", true)]
    [InlineData("\"include\": [\"a\"]", "token=1", true)]
    [InlineData("\"sort\": true", "token=1", false)]
    public async Task Policy_SaysWhatIsSecret(string query, string sent, bool stored)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of($"\"ttl\": \"1m\", \"key\": {{ \"query\": {{ {query} }} }}"));
        env.Origin.On(null, "*", _ => Reply.Ok("x"));

        await env.GetAsync($"/x?{sent}");
        await env.GetAsync($"/x?{sent}");

        Assert.Equal(stored ? 1 : 2, env.Origin.Log.Count);
    }

    [Fact]
    public async Task ByTheLetter_NoNameIsSecret()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));

        await env.GetAsync("/x?token=1");

        CacheAssert.Hit(await env.GetAsync("/x?token=1"));
    }
}
