using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>A target that the gateway and the origin could read as two different paths goes by one of them alone, and is stored under none.</summary>
public sealed class TargetSpellingTests
{
    private const string Share = "\"key\": { \"identity\": \"share\", \"sharedOnPurpose\": \"the same for everybody\" }";

    [Theory]
    [Attack("A18", "Paths that normalise to others")]
    [InlineData("/admin/../public/x")]
    [InlineData("/admin/%2e%2e/public/x")]
    [InlineData("/admin/%2E./public/x")]
    [InlineData("/admin;/../public/x")]
    [InlineData("/./public/x")]
    [InlineData("/public/./x")]
    public async Task DotSegments_GoByThePathThatChoseTheRoute(string target)
    {
        await using var env = await StartAsync(("public", "/public/{**p}"));

        Assert.Equal(200, (await env.GetAsync(target + "?a=%2e%2e/b")).Status);

        Assert.Equal("/public/x?a=%2e%2e/b", Assert.Single(env.Origin.Log).Target);
    }

    [Theory]
    [Attack("A17", "An encoded slash, once and twice")]
    [Attack("A18", "Paths that normalise to others")]
    [InlineData("/public/..%2fadmin", "/public/..%252fadmin")]
    [InlineData("/public/%2e%2e%2fadmin", "/public/..%252fadmin")]
    [InlineData("/public/%252e%252e/admin", "/public/%252e%252e/admin")]
    [InlineData("/public/./%c3%a9%2fz", "/public/%C3%A9%2Fz")]
    public async Task DotSegments_InDisguise_GoAsTheProxyWritesThem(string target, string seen)
    {
        await using var env = await StartAsync(("public", "/public/{**p}"));

        await env.GetAsync(target);

        Assert.Equal(seen, Assert.Single(env.Origin.Log).Target);
    }

    [Theory]
    [Attack("A18", "Paths that normalise to others")]
    [InlineData("GET", "/public/..;/admin")]
    [InlineData("POST", "/public/..;/admin")]
    [InlineData("GET", "/public/..;a=b/admin")]
    [InlineData("GET", "/public/..%3b/admin")]
    [InlineData("POST", "/public/%2e%2e%3b/admin")]
    [InlineData("GET", "/public/..%5cadmin")]
    [InlineData("GET", "/public/\\..\\admin")]
    public async Task DotSegments_ThatSomeOriginWouldFindHoweverTheyAreWritten_AreRefused(string method, string target)
    {
        await using var env = await StartAsync(("public", "/public/{**p}"));

        Assert.Equal(400, (await env.SendAsync(method, target)).Status);

        Assert.Empty(env.Origin.Log);
    }

    [Fact]
    [Attack("A18", "Paths that normalise to others")]
    public async Task DotSegments_BesideARouteOfItsOwn_DoNotReachItsPathByTheRouteForAll()
    {
        await using var env = await StartAsync(("all", "/{**p}"), ("admin", "/admin/{**p}"));

        await env.GetAsync("/admin/users/../../x");

        Assert.Equal("/x", Assert.Single(env.Origin.Log).Target);
    }

    [Theory]
    [InlineData("/{**p}")]
    [InlineData("{*p}")]
    [InlineData(null)]
    public async Task DotSegments_WhereNoPathChoosesTheRoute_GoAsTheyCame(string? path)
    {
        await using var env = await StartAsync(("all", path));

        await env.GetAsync("/a/../b", "Host: gw.test");

        Assert.Equal("/a/../b", Assert.Single(env.Origin.Log).Target);
    }

    [Fact]
    public async Task OtherTargets_OfANarrowRoute_GoAsTheyCame()
    {
        await using var env = await StartAsync(("public", "/public/{**p}"));

        await env.GetAsync("/public/a%2Fb..c//d");

        Assert.Equal("/public/a%2Fb..c//d", Assert.Single(env.Origin.Log).Target);
    }

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
    [InlineData("/static/%25%32%65%25%32%65/account")]
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

    [Theory]
    [Attack("A18", "Paths that normalise to others")]
    [Attack("C02", "Delimiters that end a path for the origin alone")]
    [InlineData("/%61ccount/me")]
    [InlineData("/account/%6de")]
    [InlineData("/%2561ccount/me")]
    [InlineData("/%25252561ccount/me")]
    [InlineData("/%25%36%31ccount/me")]
    [InlineData("/account%252Fme")]
    [InlineData("/caf%25c3%2525a9/me")]
    [InlineData("//account/me")]
    [InlineData("/account//me")]
    [InlineData("/Account/me")]
    [InlineData("/ACCOUNT/me")]
    [InlineData("/account%2Fme")]
    [InlineData("/account%5cme")]
    [InlineData("/account;v=1/me")]
    [InlineData("/account%3bv=1/me")]
    [InlineData("/orders")]
    [InlineData("/caf%c3%a9/Me")]
    [InlineData("/account")]
    [InlineData("/Account")]
    [InlineData("/Orders/")]
    [InlineData("/orders/")]
    [InlineData("/list?Mine=1")]
    [InlineData("/list?a=1;mine=1")]
    [InlineData("/list?MINE=")]
    [InlineData("/api/orders?Mine=1")]
    [InlineData("/api/orders?a=1;mine=1")]
    [InlineData("/Api/Orders?mine=1")]
    public async Task Spelling_ThatFallsIntoABroaderPolicy_IsNotStored(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "account": { "enabled": false, "match": { "path": ["/account/{*r}", "/Orders", "/caf%C3%A9/{*r}"] } },
                "mine": { "enabled": false, "match": { "path": "/list", "query": { "mine": "*" } } },
                "own": { "enabled": false, "match": { "path": "/api/orders", "query": { "mine": "*" } } },
                "orders": { "match": { "path": "/api/orders" }, "ttl": "1h", {{Share}} },
                "all": { "match": { "path": "/{*r}" }, "ttl": "1h", {{Share}} } } }
            """);
        env.Origin.Get("/*", request => Reply.Ok(request.Header("Cookie") ?? "nobody"));

        Assert.Equal("sid=victim", (await env.GetAsync(target, "Cookie: sid=victim")).Text);
        Assert.Equal("nobody", (await env.GetAsync(target)).Text);
    }

    [Theory]
    [InlineData("/Other/me")]
    [InlineData("/other//%6de;v=1")]
    [InlineData("/list")]
    [InlineData("/LIST")]
    [InlineData("/items/New")]
    [InlineData("/items/7")]
    [InlineData("/items/7/")]
    [InlineData("/search?q=a;b")]
    [InlineData("/docs")]
    [InlineData("/docs/")]
    [InlineData("/docs/a/")]
    [InlineData("/other/")]
    [InlineData("/list?Other=1;theirs=2")]
    public async Task Spelling_ThatOnePolicyAloneTakes_IsStored(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "list": { "match": { "path": "/list" }, "ttl": "1h", "key": { "headers": ["X-A"] } },
                "large": { "match": { "path": "/LIST" }, "ttl": "1h", {{Share}} },
                "item": { "match": { "path": "/items/{id}" }, "ttl": "1h" },
                "parts": { "match": { "path": "/items/{id}/{*r}" }, "ttl": "1h" },
                "search": { "match": { "path": "/search", "query": { "q": "a;b" } }, "ttl": "1h" },
                "docs": { "match": { "path": "/docs" }, "ttl": "1h" },
                "pages": { "match": { "path": "/docs/{*r}" }, "ttl": "1h" },
                "mine": { "match": { "path": "/list", "query": { "mine": "*" } }, "ttl": "1h" },
                "all": { "match": { "path": "/{*r}" }, "ttl": "1h", {{Share}} } } }
            """);
        env.Origin.Get("/*", Reply.Ok("x"));

        await env.GetAsync(target);

        CacheAssert.Hit(await env.GetAsync(target));
    }

    private static async Task<GatewayEnvironment> StartAsync(params (string Name, string? Path)[] routes)
    {
        var written = string.Join(", ", routes.Select(route =>
            $$"""
            "{{route.Name}}": { "ClusterId": "all", "Match": { {{(route.Path is null ? "\"Hosts\": [\"gw.test\"]" : $"\"Path\": \"{route.Path}\"")}} } }
            """));
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => $$"""
                { "ReverseProxy": { "Routes": { {{written}} }, "Clusters": { "all": { "Destinations": { "a": { "Address": "{{origin}}" } } } } } }
                """,
        });
        env.Origin.Get("/*", request => Reply.Ok(request.Target));
        return env;
    }
}
