using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Promise 1: no response made for one identity is served to another.</summary>
public sealed class IdentityTests
{
    private const string Isolated = """{ "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "60s" } } }""";

    private const string Shared = """
        { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "60s",
          "key": { "identity": "share", "sharedOnPurpose": "the answer is the same for everybody" } } } }
        """;

    [Theory]
    [Attack("C05", "An answer to Authorization served to others")]
    [Covers("RFC 9111 3.5", "a response to a request with Authorization is not stored for others")]
    [InlineData("Authorization: Bearer ", null)]
    [InlineData("Cookie: session=", null)]
    [InlineData("Authorization: Bearer ", Isolated)]
    [InlineData("Cookie: session=", Isolated)]
    [InlineData("X-Api-Key: ", null)]
    [InlineData("X-Api-Key: ", Isolated)]
    [InlineData("x-remote-user: ", Isolated)]
    [InlineData("X_Auth_Token: ", null)]
    [InlineData("X_Auth_Token: ", Isolated)]
    [InlineData("remote_user: ", null)]
    [InlineData("X-User_Id: ", null)]
    public async Task TwoIdentities_SameTarget_NeverSeeEachOthersResponse(string credential, string? policies)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = policies });
        env.Origin.Get("/me", Echo);

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal($"{credential}alice", (await env.GetAsync("/me", $"{credential}alice")).Text);
            Assert.Equal($"{credential}bob", (await env.GetAsync("/me", $"{credential}bob")).Text);
            Assert.Equal("nobody", (await env.GetAsync("/me")).Text);
        }
    }

    [Theory]
    [InlineData("Authorization: Bearer ")]
    [InlineData("Cookie: session=")]
    [InlineData("X-Api-Key: ")]
    public async Task TwoIdentities_AskingAtOnce_AreNotCollapsed(string credential)
    {
        await using var env = await GatewayEnvironment.StartAsync(Isolated);
        env.Origin.Get("/me", Echo);
        env.Origin.Hold("/me");

        var alice = env.GetAsync("/me", $"{credential}alice");
        var bob = env.GetAsync("/me", $"{credential}bob");
        await env.Origin.Reached("/me", 2);
        env.Origin.Release("/me");

        Assert.Equal($"{credential}alice", (await alice).Text);
        Assert.Equal($"{credential}bob", (await bob).Text);
    }

    [Theory]
    [InlineData("Authorization: Bearer ")]
    [InlineData("Cookie: session=")]
    [InlineData("X-Auth-Token: ")]
    public async Task AnonymousResponse_IsNotServedToIdentity(string credential)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/me", Echo);

        await env.GetAsync("/me");

        Assert.Equal($"{credential}alice", (await env.GetAsync("/me", $"{credential}alice")).Text);
    }

    [Fact]
    public async Task IsolatedIdentity_AskingTwice_HitsItsOwnEntry()
    {
        await using var env = await GatewayEnvironment.StartAsync(Isolated);
        env.Origin.Get("/me", Echo);

        await env.GetAsync("/me", "Authorization: Bearer alice");
        await env.GetAsync("/me", "Authorization: Bearer bob");
        var again = await env.GetAsync("/me", "Authorization: Bearer alice");

        CacheAssert.Hit(again, Reason.Fresh);
        Assert.Equal("Authorization: Bearer alice", again.Text);
        Assert.Equal(2, env.Origin.Requests("/me"));
    }

    [Theory]
    [Covers("RFC 9111 3.5", "public and s-maxage allow a shared response to a request with Authorization")]
    [InlineData("Cache-Control: public, max-age=60")]
    [InlineData("Cache-Control: s-maxage=60")]
    public async Task ResponseForAll_SaidByOrigin_IsSharedBetweenIdentities(string cacheControl)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/open", cacheControl);

        await env.GetAsync("/open", "Authorization: Bearer alice");
        var bob = await env.GetAsync("/open", "Authorization: Bearer bob");

        CacheAssert.Hit(bob);
        Assert.Equal(1, env.Origin.Requests("/open"));
    }

    [Fact]
    public async Task SharedOnPurpose_IsServedToEveryIdentity()
    {
        await using var env = await GatewayEnvironment.StartAsync(Shared);
        env.Origin.GetNumbered("/open");

        await env.GetAsync("/open", "Authorization: Bearer alice");
        CacheAssert.Hit(await env.GetAsync("/open", "Authorization: Bearer bob"));

        Assert.Equal(1, env.Origin.Requests("/open"));
    }

    [Fact]
    [Attack("B10", "Bad credentials")]
    public async Task RefusedCredentials_AreNotServedToAnybodyElse()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", request => request.Has("Authorization") ? Reply.Of(401, "no", Numbered.Fresh) : Reply.Ok("yes", Numbered.Fresh));

        Assert.Equal(401, (await env.GetAsync("/a", "Authorization: Basic !!!")).Status);
        Assert.Equal(200, (await env.GetAsync("/a")).Status);
    }

    [Fact]
    [Attack("A25", "Schemes, hosts and routes that share a key")]
    public async Task Hosts_OfTheSameTarget_AreStoredApart()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/h", request => Reply.Ok(request.Header("Host")!, Numbered.Fresh));

        Assert.Equal("a.test", (await env.GetAsync("/h", "Host: a.test")).Text);
        Assert.Equal("b.test", (await env.GetAsync("/h", "Host: b.test")).Text);
        Assert.Equal("a.test", (await env.GetAsync("/h", "Host: a.test")).Text);

        Assert.Equal(2, env.Origin.Requests("/h"));
    }

    [Fact]
    [Attack("A22", "An allowed origin stored for others")]
    public async Task NamedAllowOrigin_WithoutVary_IsNotServedToAnotherOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/api", request => Reply.Ok("x", $"Access-Control-Allow-Origin: {request.Header("Origin")}", Numbered.Fresh));

        await env.GetAsync("/api", "Origin: https://evil.test");
        var good = await env.GetAsync("/api", "Origin: https://good.test");

        Assert.Equal("https://good.test", good.Header("Access-Control-Allow-Origin"));
        Assert.Equal(2, env.Origin.Requests("/api"));
    }

    [Theory]
    [InlineData("Cookie", "Set-Cookie")]
    [InlineData("CustomHeader", ".affinity")]
    public async Task AffinityOfTheGateway_GoesToItsClientAndNeverIntoTheStore(string policy, string field)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => Binding(origin, policy),
        });
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));

        Assert.True((await env.GetAsync("/x")).Has(field));
        var second = await env.GetAsync("/x");

        CacheAssert.Hit(second);
        Assert.False(second.Has(field));
    }

    /// <summary>The cookie that is stored does not take the place of the one that binds this client.</summary>
    [Fact]
    public async Task AffinityCookie_ComesBesideTheStoredOne_WhereA304Confirms()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Profile = CacheProfile.Rfc9111 },
            Configuration = origin => Binding(origin),
        });
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"a\"", "x", Numbered.Fresh, "Set-Cookie: theme=dark"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        var confirmed = await env.GetAsync("/x");

        Assert.Equal("\"a\"", env.Origin.Last("/x").Header("If-None-Match"));
        Assert.Equal([".affinity", "theme"], confirmed.HeaderLines.Values("Set-Cookie").Select(line => line.Split('=')[0]).Order(StringComparer.Ordinal));
    }

    /// <summary>Every browser has one from its first miss on: what it says is where the browser was sent, and no more.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("\"ttl\": \"60s\"")]
    public async Task AffinityCookie_IsNobodysIdentity(string? members)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = members is null ? null : PolicyText.Of(members),
            Configuration = origin => Binding(origin),
        });
        env.Origin.GetNumbered("/x", Numbered.Fresh);
        var first = (await env.GetAsync("/x")).Header("Set-Cookie")!.Split(';')[0];

        foreach (var cookie in (string[])[first, ".affinity=another"])
        {
            var hit = await env.GetAsync("/x", $"Cookie: {cookie}");
            CacheAssert.Hit(hit);
            Assert.Equal("1", hit.Text);
        }

        // Beside it another one is one.
        Assert.Equal("2", (await env.GetAsync("/x", $"Cookie: {first}; sid=1")).Text);
        Assert.Equal("sid=1", env.Origin.Last("/x").Header("Cookie"));
    }

    [Fact]
    public async Task AffinityOfTheGateway_WhereSingleCookiesAreKeyed_ChoosesTheDestinationAndGoesNoFurther()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = PolicyText.Of("\"key\": { \"cookies\": [\"sid\"] }"),
            Configuration = origin => $$"""
                { "ReverseProxy": {
                    "Routes": { "all": { "ClusterId": "all", "Match": { "Path": "/{**path}" } } },
                    "Clusters": { "all": {
                        "SessionAffinity": { "Enabled": true, "Policy": "Cookie", "AffinityKeyName": ".affinity" },
                        "Destinations": { "a": { "Address": "{{origin}}" }, "b": { "Address": "{{origin.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}}" } } } } } }
                """,
        });
        env.Origin.Get("/*", request => Reply.Ok("x", request.Target == "/first" ? "Cache-Control: no-store" : Numbered.Fresh));

        var bound = (await env.GetAsync("/first", "Cookie: sid=1")).Header("Set-Cookie")!.Split(';')[0];

        Assert.StartsWith(".affinity=", bound, StringComparison.Ordinal);
        foreach (var target in (string[])["/first", "/stored", "/other"])
        {
            Assert.False((await env.GetAsync(target, $"Cookie: a=b; {bound}; sid=1")).Has("Set-Cookie"), "bound anew");
            Assert.Equal("sid=1", env.Origin.Last(target).Header("Cookie"));
        }

        // What passes goes with all that the client sent, but for the gateway's own.
        await env.GetAsync("/stream", $"Cookie: a=b; {bound}; sid=1", "Accept: text/event-stream");
        Assert.Equal("a=b; sid=1", env.Origin.Last("/stream").Header("Cookie"));

    }

    /// <summary>An origin that says by which field it answers is believed: the field is compared, as every other that Vary names.</summary>
    [Fact]
    public async Task KeyThatTheOriginVariesOn_IsComparedAndShared()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/me", request => Reply.Ok(request.Header("X-Api-Key")!, Numbered.Fresh, "Vary: X-Api-Key"));

        foreach (var key in (string[])["alice", "bob", "alice", "bob"])
        {
            Assert.Equal(key, (await env.GetAsync("/me", $"X-Api-Key: {key}")).Text);
        }

        CacheAssert.Hit(await env.GetAsync("/me", "X-Api-Key: alice"));
        Assert.Equal(2, env.Origin.Requests("/me"));
    }

    [Theory]
    [InlineData("\"key\": { \"headers\": [\"X-Api-Key\"], \"identity\": \"share\", \"sharedOnPurpose\": \"the key is in the key\" }", 2)]
    [InlineData("\"key\": { \"identity\": \"share\", \"sharedOnPurpose\": \"all keys see the same\" }", 1)]
    [InlineData("", 2)]
    public async Task KeyOfAClient_UnderAPolicy_CountsAsItSays(string members, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of(members));
        env.Origin.Get("/me", Reply.Ok("x"));

        foreach (var key in (string[])["alice", "bob", "alice", "bob"])
        {
            await env.GetAsync("/me", $"X-Api-Key: {key}");
        }

        Assert.Equal(requests, env.Origin.Requests("/me"));
    }

    /// <summary>It names the destination by a hash that every gateway makes alike, and needs no keys.</summary>
    [Fact]
    public async Task ArrCookie_OfOneGateway_BindsThroughAnother()
    {
        await using var first = ScriptedOrigin.Start(TimeProvider.System);
        await using var second = ScriptedOrigin.Start(TimeProvider.System);
        first.Get("/x", Reply.Ok("first", "Cache-Control: no-store"));
        second.Get("/x", Reply.Ok("second", "Cache-Control: no-store"));
        var both = new EnvironmentOptions { Configuration = _ => Binding($"{first.Address}", "ArrCookie", $", \"b\": {{ \"Address\": \"{second.Address}\" }}") };
        await using var one = await GatewayEnvironment.StartAsync(both);
        await using var other = await GatewayEnvironment.StartAsync(both);
        foreach (var _ in (int[])[1, 2])
        {
            var bound = await one.GetAsync("/x");
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(bound.Text, (await other.GetAsync("/x", $"Cookie: {bound.Header("Set-Cookie")!.Split(';')[0]}")).Text);
            }
        }

        Assert.Equal((4, 4), (first.Requests("/x"), second.Requests("/x")));
    }

    private static Reply Echo(OriginRequest request)
    {
        var named = new[] { "Authorization", "Cookie", "X-Api-Key", "x-remote-user", "X-Auth-Token", "X_Auth_Token", "remote_user", "X-User_Id" }.FirstOrDefault(request.Has);
        var body = named is null ? "nobody" : $"{named}: {request.Header(named)}";
        return Reply.Ok(body, Numbered.Fresh);
    }

    /// <summary>A proxy that binds each client to a destination.</summary>
    /// <param name="origin">The destination.</param>
    /// <param name="policy">How it says so.</param>
    /// <param name="others">Further destinations.</param>
    private static string Binding(string origin, string policy = "Cookie", string others = "") => $$"""
        { "ReverseProxy": {
            "Routes": { "all": { "ClusterId": "all", "Match": { "Path": "/{**path}" } } },
            "Clusters": { "all": {
                "SessionAffinity": { "Enabled": true, "Policy": "{{policy}}", "AffinityKeyName": ".affinity" },
                "LoadBalancingPolicy": "RoundRobin",
                "Destinations": { "a": { "Address": "{{origin}}" }{{others}} } } } } }
        """;
}
