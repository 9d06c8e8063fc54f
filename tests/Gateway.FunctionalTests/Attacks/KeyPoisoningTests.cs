using CacheGateway.FunctionalTests.Policies;
using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group A: what one client sends becomes part of what another one gets. The origin repeats everything it saw, so whatever came through shows.</summary>
public sealed class KeyPoisoningTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Theory]
    [Attack("A01", "X-Forwarded-Host, unkeyed")]
    [Attack("A02", "X-Forwarded-Proto and -Scheme, unkeyed")]
    [Attack("A03", "Further fields that frameworks trust")]
    [Attack("A04", "X-Original-URL and X-Rewrite-URL")]
    [Attack("A28", "Fields that frameworks use inside")]
    [Attack("D21", "Field names that alias others")]
    [InlineData("X-Forwarded-Host: evil.test")]
    [InlineData("x-forwarded-host: evil.test\r\nX-Forwarded-Host: evil.test")]
    [InlineData("X_Forwarded_Host: evil.test")]
    [InlineData("X-Forwarded_Host: evil.test")]
    [InlineData("X-Forwarded-Proto: evil")]
    [InlineData("X-Forwarded-Scheme: evil")]
    [InlineData("X-Forwarded-For: evil")]
    [InlineData("X-Forwarded-Server: evil.test")]
    [InlineData("X-Forwarded-Port: evil")]
    [InlineData("X-Forwarded-Ssl: evil")]
    [InlineData("X-Forwarded-Prefix: /evil")]
    [InlineData("X-Forwarded-Uri: /evil")]
    [InlineData("X-Forwarded-Path: /evil")]
    [InlineData("X-Forwarded-Protocol: evil")]
    [InlineData("X-Forwarded-User: evil")]
    [InlineData("X-Forwarded-Method: EVIL")]
    [InlineData("X-Forwarded-Anything: evil")]
    [InlineData("X_Forwarded_Uri: /evil")]
    [InlineData("X-Original-Forwarded-For: evil")]
    [InlineData("Front-End-Https: evil")]
    [InlineData("X-Url-Scheme: evil")]
    [InlineData("Forwarded: host=evil.test")]
    [InlineData("X-Real-IP: evil")]
    [InlineData("X-Host: evil.test")]
    [InlineData("X-Original-Host: evil.test")]
    [InlineData("X-Original-URL: /evil")]
    [InlineData("X_Original_URL: /evil")]
    [InlineData("X-Rewrite-URL: /evil")]
    [InlineData("X-HTTP-Method: EVIL")]
    [InlineData("X-HTTP-Method-Override: EVIL")]
    [InlineData("X_HTTP_Method_Override: EVIL")]
    [InlineData("X-Method-Override: EVIL")]
    [InlineData("x-nextjs-data: evil")]
    [InlineData("x-now-route-matches: evil")]
    [InlineData("x-middleware-prefetch: evil")]
    [InlineData("x-middleware-subrequest: evil")]
    [InlineData("X-Ghost-Preview: evil")]
    [InlineData("Rsc: evil")]
    [InlineData("Content-Type: text/evil")]
    [InlineData("Transfer_Encoding: evil")]
    [InlineData("Trailer: evil")]
    [InlineData("Proxy-Connection: evil")]
    [InlineData("Connection: evil\r\nEvil: evil")]
    public async Task Field_ThatIsNotKeyed_ReachesNeitherOriginNorVictim(string lines)
    {
        var env = gateway.Environment;
        var path = gateway.Page(Echo);

        await env.GetAsync(path, ["Host: gw.test", .. lines.Split("\r\n")]);
        var victim = await env.GetAsync(path, "Host: gw.test");

        CacheAssert.Hit(victim);
        Assert.DoesNotContain("evil", victim.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("gw.test", env.Origin.Last(path).Header("X-Forwarded-Host"));
    }

    [Theory]
    [Attack("A35", "Connection that names a field the gateway vouches for")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("Host")]
    [InlineData("Via")]
    [InlineData("CDN-Loop")]
    public async Task Connection_DoesNotRemoveWhatTheGatewayVouchesFor(string name)
    {
        var env = gateway.Environment;
        var path = gateway.Page(Echo);

        await env.GetAsync(path, "Host: gw.test", $"Connection: {name}");

        Assert.True(env.Origin.Last(path).Has(name));
    }

    /// <summary>CGI, WSGI and their like read "X_Tenant" as X-Tenant: what is keyed, dropped or selects in one spelling must not reach the origin in the other.</summary>
    [Theory]
    [Attack("D21", "Field names that alias others")]
    [InlineData("\"key\": { \"headers\": [\"X-Api-Key\"], \"identity\": \"share\", \"sharedOnPurpose\": \"the key is in the key\" }", "X_Api_Key: alice")]
    [InlineData("\"key\": { \"headers\": [\"X-Tenant\"] }", "X_Tenant: b")]
    [InlineData("\"dropRequestHeaders\": [\"Accept-Language\"]", "Accept_Language: xx")]
    [InlineData("\"dropRequestHeaders\": [\"X-User-Id\"], \"key\": { \"identity\": \"share\", \"sharedOnPurpose\": \"all the same\" }", "X_User_Id: 42")]
    [InlineData("", "Accept_Language: xx")]
    [InlineData("\"key\": { \"headers\": [\"X_Tenant\"] }", "X-Tenant: b")]
    [InlineData("\"key\": { \"headers\": [\"X_Ten-ant\"] }", "X-Ten-Ant: b")]
    [InlineData("\"key\": { \"headers\": [\"X_Api_Key\"], \"identity\": \"share\", \"sharedOnPurpose\": \"the key is in the key\" }", "X-Api-Key: alice")]
    [InlineData("\"dropRequestHeaders\": [\"X_Debug\"]", "X-Debug: 1")]
    public async Task OtherSpellingOfAName_DoesNotReachTheOrigin(string members, string field)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of(members.Length == 0 ? "\"ttl\": \"60s\"" : members));
        env.Origin.Get("/x", Reply.Ok("x", "Vary: Accept-Language"));

        Assert.Equal(200, (await env.GetAsync("/x", field)).Status);

        Assert.False(env.Origin.Last("/x").Has(field.Split(':')[0]));
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    /// <summary>
    /// A field that another policy of the path asks for tells answers apart: with a value that it does not take, the request goes by a policy that keys it, or is not stored.
    /// </summary>
    [Theory]
    [Attack("A40", "A condition of another policy, missed by its value")]
    [InlineData("X-Preview: true", false)]
    [InlineData("X-Preview: 1\r\nX-Preview: 1", false)]
    [InlineData("X-Preview: 1", false)]
    [InlineData("X-Other: 1", true)]
    public async Task FieldThatAnotherPolicyAsksFor_IsNeverUnkeyed(string lines, bool isStored)
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "preview": { "match": { "path": "/page", "headers": { "X-Preview": "1" } }, "enabled": false },
                "page": { "match": { "path": "/page" }, "ttl": "1h" } } }
            """);
        env.Origin.Get("/page", request => Reply.Ok(request.Has("X-Preview") ? "draft" : "page"));

        Assert.Equal(isStored ? "page" : "draft", (await env.GetAsync("/page", lines.Split("\r\n"))).Text);
        var victim = await env.GetAsync("/page");

        Assert.Equal("page", victim.Text);
        Assert.Equal(isStored, victim.CacheStatus!.IsHit);
    }

    /// <summary>A condition takes a value for another only where every origin does: what is white space in Unicode alone is part of it (RFC 9110 5.6.3).</summary>
    [Theory]
    [Attack("A40", "A condition of another policy, missed by its value")]
    [InlineData("acme\u00a0")]
    [InlineData("\u00a0acme")]
    [InlineData("acme\u0085")]
    public async Task ValueThatAConditionAlmostTakes_IsNotTakenByIt(string value)
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "acme": { "match": { "path": "/page", "headers": { "X-Tenant": "acme" } }, "ttl": "1h" },
                "page": { "match": { "path": "/page" }, "ttl": "1h" } } }
            """);
        env.Origin.Get("/page", request => Reply.Ok(request.Header("X-Tenant") is { } tenant ? tenant == "acme" ? "page of acme" : "no such tenant" : "page"));

        Assert.Equal("no such tenant", (await env.GetAsync("/page", $"X-Tenant: {value}")).Text);

        Assert.Equal("page of acme", (await env.GetAsync("/page", "X-Tenant: acme")).Text);
        Assert.Equal("page", (await env.GetAsync("/page")).Text);
    }

    /// <summary>Such an origin takes both spellings for one.</summary>
    [Fact]
    [Attack("A40", "A condition of another policy, missed by its value")]
    public async Task FieldThatAnotherPolicyAsksFor_IsNeverUnkeyed_InItsOtherSpelling()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "preview": { "match": { "path": "/page", "headers": { "X_Preview": "1" } }, "ttl": "1h", "key": { "headers": ["X_Preview"] } },
                "page": { "match": { "path": "/page" }, "ttl": "1h" } } }
            """);
        env.Origin.Get("/page", request => Reply.Ok(request.Has("X_Preview") || request.Has("X-Preview") ? "draft" : "page"));

        Assert.Equal("draft", (await env.GetAsync("/page", "X-Preview: 1")).Text);

        Assert.Equal("page", (await env.GetAsync("/page")).Text);
    }

    /// <summary>They are read by both spellings, too, and come from nobody else.</summary>
    [Fact]
    public async Task FieldsThatTheGatewayWrites_AreNoAliases()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"dropRequestHeaders\": [\"X_Forwarded_Proto\"]"));
        env.Origin.Get("/x", Reply.Ok("x"));

        await env.GetAsync("/x", "X_Forwarded_Proto: https", "X-Forwarded-Proto: https");

        Assert.Equal(("http", null), (env.Origin.Last("/x").Header("X-Forwarded-Proto"), env.Origin.Last("/x").Header("X_Forwarded_Proto")));
    }

    /// <summary>The way to have such requests stored, and to have the field stay behind.</summary>
    [Theory]
    [InlineData("\"key\": { \"headers\": [\"x-preview\"] }", "true")]
    [InlineData("\"dropRequestHeaders\": [\"x-preview\"]", "none")]
    [InlineData("\"forwardOnly\": true", "none")]
    public async Task FieldThatAnotherPolicyAsksFor_IsStored_WhereItIsKeyedOrDropped(string members, string seen)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "preview": { "match": { "path": "/page", "headers": { "X-Preview": "1" } }, "enabled": false },
                "page": { "match": { "path": "/{rest}" }, "ttl": "1h", {{members}} } } }
            """);
        env.Origin.Get("/page", request => Reply.Ok(request.Header("X-Preview") ?? "none"));

        await env.GetAsync("/page", "X-Preview: true");
        var again = await env.GetAsync("/page", "X-Preview: true");

        CacheAssert.Hit(again);
        Assert.Equal(seen, again.Text);
        Assert.Equal("none", (await env.GetAsync("/page")).Text);
    }

    /// <summary>The very spelling that is keyed is what the origin gets.</summary>
    [Theory]
    [InlineData("X_Tenant", "\"X_Tenant\"")]
    [InlineData("X-Tenant", "\"X_Tenant\", \"X-Tenant\"")]
    public async Task SpellingThatIsKeyed_ReachesTheOrigin(string name, string keyed)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of($"\"key\": {{ \"headers\": [{keyed}] }}"));
        env.Origin.Get("/x", request => Reply.Ok(request.Header(name) ?? "none"));

        Assert.Equal("a", (await env.GetAsync("/x", $"{name}: a")).Text);
        Assert.Equal("b", (await env.GetAsync("/x", $"{name}: b")).Text);
        Assert.Equal("none", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Attack("A37", "Any other field that the origin reflects without Vary")]
    public async Task AnyOtherField_UnderForwardOnly_ReachesNobody()
    {
        await using var env = await StartEchoAsync(PolicyText.Of("\"forwardOnly\": true"));

        await env.GetAsync("/t", "X-Anything: evil", "Referer: https://evil.test/", "User-Agent: mine");

        Assert.DoesNotContain("evil", (await env.GetAsync("/t")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [Attack("A05", "Host in other spellings")]
    [InlineData("GW.TEST")]
    [InlineData("gw.test.")]
    [InlineData("gw.test:80")]
    [InlineData("Gw.Test.:80")]
    public async Task Host_InAnotherSpelling_IsTheSameEntry(string host)
    {
        var env = gateway.Environment;
        var path = gateway.Page(Echo);
        await env.GetAsync(path, "Host: gw.test");

        CacheAssert.Hit(await env.GetAsync(path, $"Host: {host}"));
        await env.SendAsync("POST", path, "", $"Host: {host}");

        CacheAssert.Miss(await env.GetAsync(path, "Host: gw.test"));
    }

    [Theory]
    [Attack("A05", "Host in other spellings")]
    [InlineData("gw.test:@evil.test")]
    [InlineData("evil.test@gw.test")]
    [InlineData("gw.test:99999")]
    [InlineData("gw.test:80:80")]
    [InlineData("gw.test:8o")]
    [InlineData("gw.test: 80")]
    [InlineData("gw.test:")]
    [InlineData("gw.test\u0002")]
    [InlineData("gw.test/evil")]
    [InlineData("gw.test?evil")]
    [InlineData("gw.test#evil")]
    [InlineData("gw.test\\evil")]
    [InlineData("gw.test,evil.test")]
    [InlineData("gw.test evil.test")]
    [InlineData("gw%2etest")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("http://gw.test")]
    [InlineData("gw.test..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("\u00e9vil.test")]
    public async Task Host_ThatIsNone_IsRefused(string host)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("A05", "Host in other spellings")]
    [InlineData("evil.test", 421)]
    [InlineData("gw.test.evil.test", 421)]
    [InlineData("GW.test:8080", 200)]
    public async Task Host_NotServedHere_IsTurnedAway(string host, int status)
    {
        await using var env = await Wire.StartAsync(new EnvironmentOptions { Settings = settings => settings with { Hosts = ["gw.test"] } });

        Assert.Equal(status, (await env.GetAsync("/x", $"Host: {host}")).Status);
        Assert.Equal(status == 200 ? 1 : 0, env.Origin.Log.Count);
    }

    /// <summary>Clients leave the port of the scheme away, and may end a name with a dot.</summary>
    [Theory]
    [Attack("A05", "Host in other spellings")]
    [InlineData("gw.test", 200)]
    [InlineData("gw.test:80", 200)]
    [InlineData("gw.test.", 200)]
    [InlineData("gw.test:8080", 421)]
    public async Task Host_NamedWithThePortOfItsScheme_IsServed(string host, int status)
    {
        await using var env = await Wire.StartAsync(new EnvironmentOptions { Settings = settings => settings with { Hosts = ["gw.test:80"] } });

        Assert.Equal(status, (await env.GetAsync("/x", $"Host: {host}")).Status);
    }

    [Theory]
    [Attack("A06", "Two authorities in one request")]
    [InlineData("GET /x HTTP/1.1\r\nHost: gw.test\r\nHost: evil.test\r\n\r\n")]
    [InlineData("GET /x HTTP/1.1\r\nHost: gw.test\r\nhost: gw.test\r\n\r\n")]
    [InlineData("GET http://evil.test/x HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET http://gw.test@evil.test/x HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /x HTTP/1.1\r\n\r\n")]
    public async Task Authorities_ThatDiffer_AreRefused(string message)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, message);
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("A08", "An ignored parameter that the origin reflects")]
    [Attack("A09", "Parameters behind a semicolon")]
    [Attack("A10", "Parameters twice, encoded or empty")]
    [InlineData("/t?id=1&utm_content=%27evil")]
    [InlineData("/t?id=1&utm_content=x;id=evil")]
    [InlineData("/t?utm_a=evil&id=1&utm_b=evil")]
    [InlineData("/t?utm_evil&id=1")]
    [InlineData("/t?id=1&utm_x=1?evil")]
    public async Task IgnoredParameter_ReachesNeitherOriginNorVictim(string target)
    {
        await using var env = await StartEchoAsync(PolicyText.Of("\"key\": { \"query\": { \"ignore\": [\"utm_*\"] } }"));

        await env.GetAsync(target);
        var victim = await env.GetAsync("/t?id=1");

        CacheAssert.Hit(victim);
        Assert.DoesNotContain("evil", victim.Text, StringComparison.Ordinal);
        Assert.Equal("/t?id=1", Assert.Single(env.Origin.Log).Target);
    }

    [Fact]
    [Attack("A10", "Parameters twice, encoded or empty")]
    [Attack("A18", "Paths that normalise to others")]
    public async Task Targets_ShareAnEntry_ExactlyWhenTheOriginSeesTheSameBytes()
    {
        string[] targets =
        [
            "/t?a=1&a=2", "/t?a=2&a=1", "/t?a=1?utm_b=1", "/t?utm%5Fx=1", "/t?utm_x%3Dy%26a=2", "/t?&&a=1", "/t?a", "/t?a=", "/t?", "/t", "/t?a=b+c", "/t?a=b%20c",
            "/t?a=1&utm_x=1", "/t?a=1", "/t?A=1", "/t?a=%31", "/t?a=1;b=2", "/t?a=1&b=2", "/t?utm_x", "/t?utm_x=1&utm_y=2", "/t?%75tm_x=1", "/t?a=1#b".Replace("#b", "", StringComparison.Ordinal),
        ];
        await using var env = await StartEchoAsync(PolicyText.Of("\"key\": { \"query\": { \"ignore\": [\"utm_*\"] } }"));
        var forwarded = new Dictionary<string, string>();
        foreach (var target in targets)
        {
            forwarded[target] = (await env.GetAsync(target)).Text.Split('\n')[0];
        }

        Assert.Equal(forwarded.Values.Distinct().Count(), env.Origin.Log.Count);
        foreach (var target in targets)
        {
            var again = await env.GetAsync(target);
            CacheAssert.Hit(again);
            Assert.Equal(forwarded[target], again.Text.Split('\n')[0]);
        }
    }

    [Theory]
    [Attack("A12", "GET with a body")]
    [Attack("A13", "GET with a chunked body, methods in fields")]
    [InlineData("GET", "Content-Length: 6", "u=evil")]
    [InlineData("GET", "Transfer-Encoding: chunked", "6\r\nu=evil\r\n0\r\n\r\n")]
    [InlineData("GET", "X-HTTP-Method-Override: POST\r\nContent-Length: 6", "u=evil")]
    [InlineData("GET", "Transfer-Encoding: chunked", "0\r\n\r\n")]
    [InlineData("HEAD", "Content-Length: 6", "u=evil")]
    [InlineData("POST", "X-HTTP-Method-Override: GET\r\nContent-Length: 6", "u=evil")]
    public async Task Body_OnARead_NeverTouchesTheCache(string method, string lines, string body)
    {
        var env = gateway.Environment;
        var path = gateway.Page(Echo);
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"{method} {path}?u=victim HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/x-www-form-urlencoded\r\n{lines}\r\n\r\n{body}");
        var attackers = await client.ReadAsync(method);
        var victim = await env.GetAsync($"{path}?u=victim", "Host: gw.test");

        CacheAssert.NotStored(attackers);
        CacheAssert.Miss(victim);
        Assert.DoesNotContain("evil", victim.Text, StringComparison.Ordinal);
        Assert.Equal(2, env.Origin.Requests(path));
    }

    [Theory]
    [Attack("A26", "Methods that look like GET")]
    [InlineData("GETX")]
    [InlineData("M-SEARCH")]
    [InlineData("PROPFIND")]
    [InlineData("QUERY")]
    [InlineData("PURGE")]
    [InlineData("BAN")]
    public async Task Method_OtherThanGet_IsNeverAnsweredFromTheCache(string method)
    {
        var env = gateway.Environment;
        var path = gateway.Page(Echo);
        await env.GetAsync(path, "Host: gw.test");

        var answer = await env.SendAsync(method, path, null, "Host: gw.test");

        Assert.StartsWith($"{method} {path}", answer.Text, StringComparison.Ordinal);
        CacheAssert.NotStored(answer);
        Assert.StartsWith($"GET {path}", (await env.GetAsync(path, "Host: gw.test")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [Attack("A26", "Methods that look like GET")]
    [InlineData("gET")]
    [InlineData("get")]
    [InlineData("Post")]
    public async Task Method_InSmallLetters_IsRefused(string method)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"{method} /x HTTP/1.1\r\nHost: gw.test\r\n\r\n", 501);
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("A20", "A fragment in the target")]
    [InlineData("/x#evil")]
    [InlineData("/x#/../evil")]
    [InlineData("/x?a#evil")]
    public async Task Fragment_IsRefused(string target)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"GET {target} HTTP/1.1\r\nHost: gw.test\r\n\r\n");
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("A33", "A keyed field in several lines")]
    [InlineData("X-Lang: a\r\nX-Lang: b", "X-Lang: a, b", true)]
    [InlineData("X-Lang: a  ", "X-Lang: a", true)]
    [InlineData("X-Lang: a,b", "X-Lang: a, b", false)]
    [InlineData("X-Lang:", "Y-Lang: x", false)]
    public async Task KeyedField_IsKeyedAsTheOriginReadsIt(string one, string other, bool same)
    {
        await using var env = await StartEchoAsync(PolicyText.Of("\"key\": { \"headers\": [\"X-Lang\"] }"));

        await env.GetAsync("/t", one.Split("\r\n"));
        await env.GetAsync("/t", other.Split("\r\n"));

        Assert.Equal(same ? 1 : 2, env.Origin.Requests("/t"));
        Assert.True(!same || env.Origin.Log.Select(request => request.Header("X-Lang")).Distinct().Count() == 1);
    }

    [Theory]
    [Attack("A15", "Variants that collide")]
    [InlineData("X: 1\r\nY: ", "X: \r\nY: 1")]
    [InlineData("X: 1, Y=2", "X: 1\r\nY: 2")]
    [InlineData("X: a|1:b", "X: a\r\nY: b")]
    [InlineData("X: -", "Z: -")]
    public async Task Variants_OfFieldsThatLookAlike_AreKeptApart(string one, string other)
    {
        var env = gateway.Environment;
        var path = gateway.Page(request => Reply.Ok($"{request.PathNumber}", Numbered.Fresh, "Vary: X, Y"));

        Assert.Equal("1", (await env.GetAsync(path, one.Split("\r\n"))).Text);
        Assert.Equal("2", (await env.GetAsync(path, other.Split("\r\n"))).Text);
        Assert.Equal("1", (await env.GetAsync(path, one.Split("\r\n"))).Text);
    }

    [Theory]
    [Attack("A36", "A target that spells out another key")]
    [InlineData("/a?x=|4:http|7:gw.test|2:/b")]
    [InlineData("/a%00|1:-")]
    [InlineData("/a|2:/b")]
    public async Task Target_ThatSpellsOutAnotherKey_IsAnotherEntry(string target)
    {
        await using var env = await Wire.StartAsync();
        await env.GetAsync("/b", "Host: gw.test");
        await env.GetAsync(target, "Host: gw.test");

        Assert.Equal("GET /b []", (await env.GetAsync("/b", "Host: gw.test")).Text);
    }

    private static async Task<GatewayEnvironment> StartEchoAsync(string? policies = null)
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = policies });
        env.Origin.On(null, "/*", Echo);
        return env;
    }

    private static Reply Echo(OriginRequest request) => Reply.Ok($"{request.RequestLine}\n{string.Join('\n', request.HeaderLines)}\n\n{request.BodyText}", Numbered.Fresh);
}
