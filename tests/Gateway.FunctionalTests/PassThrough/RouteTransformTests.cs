using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>Routes of a configuration with YARP's transforms: what a fetch that may be shared asks for and sends is what the client's own request would be.</summary>
public sealed class RouteTransformTests
{
    private const string Cacheable = "GET";
    private const string Passed = "POST";

    [Theory]
    [InlineData(Cacheable)]
    [InlineData(Passed)]
    public async Task ValuesOfTheRoute_ReachTheOrigin(string method)
    {
        await using var env = await StartAsync("/v2/{tenant}/items/{id}", """{ "PathPattern": "/internal/{tenant}/{id}" }, { "RequestHeaderRouteValue": "X-Tenant", "Set": "tenant" }, { "QueryRouteParameter": "item", "Set": "id" }""");

        Assert.Equal("/internal/acme/7?item=7 acme", (await env.SendAsync(method, "/v2/acme/items/7")).Text);
        Assert.Equal("/internal/other/8?item=8 other", (await env.SendAsync(method, "/v2/other/items/8")).Text);
        Assert.Equal("/internal/acme/7?item=7 acme", (await env.SendAsync(method, "/v2/acme/items/7")).Text);
    }

    [Fact]
    public async Task ValuesOfTheRoute_ReachTheOrigin_OfARefreshToo()
    {
        await using var env = await StartAsync("/v2/{tenant}/items/{id}", """{ "PathPattern": "/internal/{tenant}/{id}" }""");
        env.Origin.Get("/internal/*", Reply.Ok("x", "Cache-Control: max-age=10, stale-while-revalidate=60"));
        await env.GetAsync("/v2/acme/items/7");
        env.Time.AdvanceSeconds(20);

        CacheAssert.Hit(await env.GetAsync("/v2/acme/items/7"), Reason.StaleWhileRevalidate);

        await env.Origin.Reached("/internal/acme/7", 2);
    }

    [Theory]
    [Attack("A01", "X-Forwarded-Host, unkeyed")]
    [InlineData("""{ "X-Forwarded": "Append" }""")]
    [InlineData("""{ "X-Forwarded": "Off" }""")]
    [InlineData("""{ "X-Forwarded": "Set", "Host": "Off" }""")]
    [InlineData("""{ "Forwarded": "for,host,proto" }""")]
    public async Task FieldsThatPoseAsAProxys_DoNotReachTheOriginOfACachedRoute(string transform)
    {
        await using var env = await StartAsync("/{**path}", transform);

        await env.GetAsync("/x", "X-Forwarded-Host: evil.test", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: evil", "Forwarded: host=evil.test");

        var seen = string.Join('\n', env.Origin.Last("/x").HeaderLines);
        Assert.DoesNotContain("evil", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("6.6.6.6", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Cacheable)]
    [InlineData(Passed)]
    public async Task FieldsThatTheRouteSets_ReachTheOrigin(string method)
    {
        await using var env = await StartAsync(
            "/{**path}", """{ "RequestHeader": "X-Real-IP", "Set": "10.0.0.1" }, { "RequestHeader": "X-Original-Host", "Set": "shop.test" }, { "RequestHeader": "X-Forwarded-Port", "Set": "443" }""");

        await env.SendAsync(method, "/x", null, "X-Real-IP: 6.6.6.6");

        var seen = env.Origin.Last("/x");
        Assert.Equal(("10.0.0.1", "shop.test", "443"), (seen.Header("X-Real-IP"), seen.Header("X-Original-Host"), seen.Header("X-Forwarded-Port")));
    }

    [Theory]
    [InlineData("/shop/a%2Fb?q=%252F", "/a%2Fb?q=%252F")]
    [InlineData("/shop/a%2fb/c%20d", "/a%2fb/c%20d")]
    [InlineData("/shop/a%252Fb", "/a%252Fb")]
    public async Task EncodedSlashes_StayAsTheyAre_WhereAPrefixIsTaken(string target, string sent)
    {
        await using var env = await StartAsync("/shop/{**path}", """{ "PathRemovePrefix": "/shop" }""");

        Assert.StartsWith(sent + " ", (await env.GetAsync(target)).Text + " ", StringComparison.Ordinal);
    }

    /// <summary>Both forms have one key, so both must be routed by one path and ask the origin for one: the server decodes that of absolute-form further.</summary>
    [Theory]
    [Attack("A17", "An encoded slash, once and twice")]
    [Attack("A21", "Bytes that decode to the same character")]
    [InlineData("/shop/a%2Fb?q=%2F", "/a%2Fb?q=%2F")]
    [InlineData("/shop/a%2fb", "/a%2fb")]
    [InlineData("/shop/a%252Fb", "/a%252Fb")]
    [InlineData("/shop/a%5Cb", "/a%5Cb")]
    [InlineData("/shop/a%3Fb%23c", "/a%3Fb%23c")]
    [InlineData("/shop/a%25b", "/a%25b")]
    [InlineData("/shop/caf%C3%A9/%41", "/caf%C3%A9/A")]
    [InlineData("/sho%70/x/..//a", "//a")]
    [InlineData("/shop/x/%2e%2e/a", "/a")]
    [InlineData("/shop%2Fa", null)]
    [InlineData("/shop\\a", null)]
    [InlineData("/other/..%2Fshop/a", null)]
    public async Task AbsoluteForm_AsksForTheSameAsOriginForm(string target, string? sent)
    {
        await using var env = await StartAsync("/shop/{**path}", """{ "PathRemovePrefix": "/shop" }""");

        var absolute = await env.GetAsync($"http://gw.test{target}", "Host: gw.test");
        var origin = await env.GetAsync(target, "Host: other.test");

        Assert.Equal((origin.Status, origin.Text), (absolute.Status, absolute.Text));
        Assert.All(env.Origin.Log, request => Assert.Equal(sent, request.Target));
        Assert.Equal(sent is null ? 0 : 2, env.Origin.Log.Count);
    }

    /// <summary>What changes something is asked for by the method that the route says; what it makes stale is told by the client's.</summary>
    [Theory]
    [InlineData("PUT", "POST", "")]
    [InlineData("POST", "PUT", "body")]
    [InlineData("POST", "QUERY", "body")]
    [InlineData("DELETE", "GET", "")]
    public async Task MethodThatARouteChanges_ReachesTheOriginChanged(string method, string changed, string body)
    {
        await using var env = await StartAsync("/{**path}", $$"""{ "HttpMethodChange": "{{method}}", "Set": "{{changed}}" }""");
        env.Origin.GetNumbered("/x", Numbered.Fresh);
        env.Origin.On(changed == "GET" ? "POST" : changed, "/x", request => Reply.Ok($"{request.Method} {request.BodyText}"));
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));

        await env.SendAsync(method, "/x", body.Length > 0 ? body : null);

        var seen = env.Origin.Last("/x");
        Assert.Equal((changed, body), (seen.Method, seen.BodyText));
        CacheAssert.Miss(await env.GetAsync("/x"));
    }

    /// <summary>The proxy asks by GET for what its client would upgrade, whatever the client's method is.</summary>
    [Fact]
    public async Task MethodOfAnUpgrade_StaysTheClients()
    {
        await using var env = await StartAsync("/{**path}", """{ "HttpMethodChange": "PUT", "Set": "POST" }""");

        await env.SendAsync("POST", "/x", null, "Connection: Upgrade", "Upgrade: websocket");

        Assert.Equal("POST", env.Origin.Last("/x").Method);
    }

    /// <summary>Safe either way, and an origin may know no HEAD.</summary>
    [Fact]
    public async Task HeadThatARouteChangesToGet_IsAnsweredWithoutABody()
    {
        await using var env = await StartAsync("/{**path}", """{ "HttpMethodChange": "HEAD", "Set": "GET" }""");
        env.Origin.Get("/x", Reply.Ok("text"));

        var head = await env.SendAsync("HEAD", "/x");

        Assert.Equal((200, ""), (head.Status, head.Text));
        Assert.Equal("GET", env.Origin.Last("/x").Method);
    }

    [Theory]
    [InlineData("Cache-Control: private")]
    [InlineData("Cache-Control: no-store")]
    [InlineData("Cache-Control: no-cache")]
    [InlineData("Set-Cookie: sid=1")]
    [InlineData("CDN-Cache-Control: no-store")]
    public async Task WhatTheOriginForbids_HoldsAlthoughATransformHidesIt(string forbids)
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeadersAllowed": "Content-Type;ETag" }""", """{ "policies": { "p": { "ttl": "1m" } } }""");
        env.Origin.Get("/x", Reply.Ok("x", forbids, "ETag: \"1\""));

        await env.GetAsync("/x");
        await env.GetAsync("/x");
        var last = await env.GetAsync("/x");

        Assert.Equal(3, env.Origin.Requests("/x"));
        Assert.DoesNotContain(last.HeaderLines, line => line == forbids);
    }

    [Fact]
    public async Task WhatTheAnswerVariesOn_HoldsAlthoughATransformHidesIt()
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeaderRemove": "Vary", "When": "Always" }""");
        env.Origin.Get("/x", request => Reply.Ok(request.Header("Accept-Language") ?? "", "Cache-Control: max-age=60", "Vary: Accept-Language"));

        Assert.Equal("de", (await env.GetAsync("/x", "Accept-Language: de")).Text);
        Assert.Equal("en", (await env.GetAsync("/x", "Accept-Language: en")).Text);
        var hit = await env.GetAsync("/x", "Accept-Language: de");

        CacheAssert.Hit(hit);
        Assert.Equal(("de", false), (hit.Text, hit.Has("Vary")));
    }

    /// <summary>A client's stays behind and the gateway's own says what is in the key: it selects nothing, whatever the client sends of it.</summary>
    [Theory]
    [InlineData("""{ "X-Forwarded": "Set" }""", "X-Forwarded-Proto")]
    [InlineData("""{ "X-Forwarded": "Append" }""", "X-Forwarded-Host, X-Forwarded-Prefix")]
    [InlineData("""{ "X-Forwarded": "Off" }""", "X-Forwarded-Port")]
    public async Task VaryOnAFieldThatStaysBehind_StillHits(string transform, string vary)
    {
        await using var env = await StartAsync("/{**path}", transform);
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", $"Vary: {vary}"));
        await env.GetAsync("/x", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.test", "X-Forwarded-Port: 443");

        CacheAssert.Hit(await env.GetAsync("/x", "X-Forwarded-Proto: http", "X-Forwarded-Host: other.test", "X-Forwarded-Port: 80"));
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    /// <summary>What the gateway writes there is the client's address, which is in no field of the client's that could be compared.</summary>
    [Theory]
    [InlineData("""{ "X-Forwarded": "Set" }""", "X-Forwarded-For")]
    [InlineData("""{ "Forwarded": "for,host,proto" }""", "Forwarded")]
    public async Task VaryOnTheClientsAddress_IsNotStored(string transform, string vary)
    {
        await using var env = await StartAsync("/{**path}", transform);
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", $"Vary: {vary}"));

        await env.GetAsync("/x");
        await env.GetAsync("/x");

        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("Cache-Control: max-age=5")]
    [InlineData("CDN-Cache-Control: max-age=5")]
    [InlineData("Expires: soon")]
    public async Task LifetimeThatATransformHides_Counts(string line)
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeadersAllowed": "Content-Type" }""", """{ "policies": { "p": { "ttl": "1m" } } }""");
        env.Origin.Get("/x", _ => Reply.Ok("x", line.Replace("soon", env.Time.GetUtcNow().AddSeconds(5).ToString("R"), StringComparison.Ordinal)));
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));
        env.Time.AdvanceSeconds(10);

        await env.GetAsync("/x");

        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task LifetimeThatATransformSets_Counts()
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeader": "Cache-Control", "Set": "max-age=60", "When": "Always" }""");
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=0"));

        await env.GetAsync("/x");

        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    [Fact]
    public async Task ConfirmationThatIsPrivateNow_BehindATransform_IsNotBelieved()
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeadersAllowed": "Content-Type;ETag" }""", """{ "policies": { "p": { "ttl": "10s" } } }""");
        env.Origin.Get("/x", Reply.Ok("x", "ETag: \"1\""), Reply.Of(304, "", "ETag: \"1\"", "Cache-Control: private"), Reply.Ok("y", "Cache-Control: private"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(20);

        Assert.Equal("y", (await env.GetAsync("/x")).Text);
        await env.GetAsync("/x");

        Assert.Equal(4, env.Origin.Requests("/x"));
    }

    /// <summary>A 304 would be merged with fields that say less than the origin did: such an answer is fetched whole.</summary>
    [Theory]
    [InlineData("Cache-Control: max-age=5, must-revalidate", "ETag: \"1\"", "Cache-Control: max-age=5, must-revalidate")]
    [InlineData("Cache-Control: max-age=5, must-revalidate", "ETag: \"1\"")]
    public async Task LifetimeThatATransformHides_HoldsAfterAConfirmation(string control, params string[] confirmed)
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeaderRemove": "Cache-Control", "When": "Always" }""", """{ "policies": { "p": { "ttl": "10m" } } }""");
        env.Origin.Get("/x", request => request.Has("If-None-Match") ? Reply.Of(304, "", confirmed) : Reply.Ok("x", control, "ETag: \"1\""));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(10);

        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));
        env.Time.AdvanceSeconds(10);
        CacheAssert.Miss(await env.GetAsync("/x"));

        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task VaryOfAConfirmation_ThatATransformHides_IsObeyed()
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeaderRemove": "Vary", "When": "Always" }""");
        var wholes = 0;
        env.Origin.Get("/x", request => request.Has("If-None-Match") ? Reply.Of(304, "", "ETag: \"1\"", "Cache-Control: max-age=60", "Vary: X-Kind")
            : Reply.Ok(request.Header("X-Kind") ?? "none", ["Cache-Control: max-age=60", "ETag: \"1\"", .. Interlocked.Increment(ref wholes) > 1 ? (string[])["Vary: X-Kind"] : []]));
        Assert.Equal("a", (await env.GetAsync("/x", "X-Kind: a")).Text);
        env.Time.AdvanceSeconds(90);

        Assert.Equal("a", (await env.GetAsync("/x", "X-Kind: a")).Text);

        Assert.Equal("b", (await env.GetAsync("/x", "X-Kind: b")).Text);
    }

    /// <summary>What an answer is called is for this cache, whatever clients see of it.</summary>
    [Theory]
    [InlineData("""{ "ResponseHeaderRemove": "Cache-Tag", "When": "Always" }""")]
    [InlineData("""{ "ResponseHeadersAllowed": "Content-Type;ETag;Cache-Control" }""")]
    [InlineData("""{ "ResponseHeader": "Cache-Tag", "Set": "mine", "When": "Always" }""")]
    public async Task TagsThatATransformHides_AreRaised(string transform)
    {
        await using var env = await StartAsync("/{**path}", transform);
        env.Origin.Get("/x", request => request.Has("If-None-Match") ? Reply.Of(304, "", "ETag: \"1\"", "Cache-Tag: later")
            : Reply.Ok("x", "ETag: \"1\"", Numbered.Fresh, "Cache-Tag: product:7"));
        await env.GetAsync("/x");
        var hit = await env.GetAsync("/x");
        CacheAssert.Hit(hit);
        Assert.DoesNotContain("product:7", hit.ToString(), StringComparison.Ordinal);

        await env.InvalidateAsync("product:7");
        CacheAssert.Miss(await env.GetAsync("/x"));
        env.Time.AdvanceSeconds(6000);
        CacheAssert.Miss(await env.GetAsync("/x"));
        Assert.True(env.Origin.Last("/x").Has("If-None-Match"), "what hides only tags is validated like any other");
        CacheAssert.Hit(await env.GetAsync("/x"));

        await env.InvalidateAsync("later");
        CacheAssert.Miss(await env.GetAsync("/x"));
    }

    /// <summary>That tags are hidden changes nothing in what a HEAD says of what is stored.</summary>
    [Fact]
    public async Task HeadOfAChangedResource_WithTagsThatATransformHides_PutsItOutOfUse()
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeaderRemove": "Cache-Tag", "When": "Always" }""");
        var version = 1;
        env.Origin.On(null, "/x", _ => Reply.Ok($"v{version}", $"ETag: \"{version}\"", Numbered.Fresh, "Cache-Tag: t"));
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));
        version = 2;
        env.Time.AdvanceSeconds(2);

        await env.SendAsync("HEAD", "/x", null, "Cache-Control: no-cache");

        Assert.Equal("v2", (await env.GetAsync("/x")).Text);
    }

    /// <summary>What a write says is stale counts, whatever its client sees of it.</summary>
    [Theory]
    [InlineData("Location")]
    [InlineData("Content-Location")]
    [InlineData("Cache-Group-Invalidation")]
    public async Task WhatAWriteNames_ThatATransformHides_IsStale(string name)
    {
        await using var env = await StartAsync("/{**path}", $$"""{ "ResponseHeaderRemove": "{{name}}", "When": "Always" }""");
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Groups: \"g\"");
        env.Origin.On("POST", "/orders", _ => Reply.Of(201, "made", name.StartsWith("Cache", StringComparison.Ordinal) ? $"{name}: \"g\"" : $"{name}: /x"));
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));

        await env.SendAsync("POST", "/orders", "");

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    /// <summary>What was judged by fields that the route hides is not freshened by what another's 304 shows of them.</summary>
    [Fact]
    public async Task VariantJudgedByHiddenFields_IsLeftOutOfTheConfirmationOfAnother()
    {
        await using var env = await StartAsync("/{**path}", """{ "ResponseHeaderRemove": "Cache-Control", "When": "Always" }""", """{ "policies": { "p": { "ttl": "1m" } } }""");
        env.Origin.Get("/x", request => request.Has("If-None-Match") ? Reply.Of(304, "", "ETag: \"1\"")
            : request.Has("X-Kind") ? Reply.Ok("a", "ETag: \"1\"", "Cache-Control: max-age=5", "Vary: X-Kind")
            : Reply.Ok("none", "ETag: \"1\"", "Cache-Tag: t"));
        Assert.Equal("a", (await env.GetAsync("/x", "X-Kind: a")).Text);
        env.Time.AdvanceSeconds(10);
        Assert.Equal("none", (await env.GetAsync("/x")).Text);
        env.Time.AdvanceSeconds(90);
        await env.GetAsync("/x", "X-Kind: a");
        Assert.Equal("\"1\"", env.Origin.Last("/x").Header("If-None-Match"));

        await env.InvalidateAsync("t");

        CacheAssert.Miss(await env.GetAsync("/x", "X-Kind: a"));
        Assert.Equal(4, env.Origin.Requests("/x"));
    }

    /// <summary>Whoever ends TLS in front of this gateway can say so.</summary>
    [Theory]
    [InlineData(Cacheable)]
    [InlineData(Passed)]
    public async Task ForwardedFieldThatARouteWrites_StaysAsItIs(string method)
    {
        await using var env = await StartAsync("/{**path}", """{ "RequestHeader": "X-Forwarded-Proto", "Set": "https" }""");
        env.Origin.On(null, "/x", request => Reply.Ok($"{request.Header("X-Forwarded-Proto")} {request.Header("X-Forwarded-For")}"));

        Assert.Equal("https 127.0.0.1", (await env.SendAsync(method, "/x", null, "X-Forwarded-Proto: gopher")).Text);
    }

    /// <summary>A certificate is an identity that no key holds.</summary>
    [Fact]
    public async Task RouteThatForwardsClientsCertificates_IsNotCached()
    {
        await using var env = await StartAsync("/{**path}", """{ "ClientCert": "X-Client-Cert" }""");

        await env.GetAsync("/x");
        var second = await env.GetAsync("/x");

        Assert.Equal("credentials", second.CacheStatus!.Detail);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    [Covers("RFC 9111 5.2.2.6", "no-transform holds although a transform hides it")]
    public async Task WhatMustNotBeTransformed_IsNotCompressedAlthoughATransformHidesIt()
    {
        await using var env = await StartAsync(
            "/{**path}", """{ "ResponseHeaderRemove": "Cache-Control", "When": "Always" }""", """{ "policies": { "p": { "ttl": "1m", "compress": true } } }""");
        env.Origin.Get("/as-it-is", Reply.Ok(new string('x', 4000), "Content-Type: text/plain", "Cache-Control: max-age=60, no-transform"));
        env.Origin.Get("/plain", Reply.Ok(new string('x', 4000), "Content-Type: text/plain", "Cache-Control: max-age=60"));
        foreach (var (path, coding) in new[] { ("/as-it-is", null), ("/plain", "br") })
        {
            await env.GetAsync(path);
            var hit = await env.GetAsync(path, "Accept-Encoding: br");

            CacheAssert.Hit(hit);
            Assert.Equal((coding, false), (hit.Header("Content-Encoding"), hit.Has("Cache-Control")));
        }
    }

    private static async Task<GatewayEnvironment> StartAsync(string path, string transforms, string? policies = null)
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = policies,
            Configuration = origin => $$"""
                { "ReverseProxy": {
                    "Routes": { "r": { "ClusterId": "c", "Match": { "Path": "{{path}}" }, "Transforms": [ {{transforms}} ] } },
                    "Clusters": { "c": { "Destinations": { "d": { "Address": "{{origin}}" } } } } } }
                """,
        });
        env.Origin.On(null, "/*", request => Reply.Ok($"{request.Target} {request.Header("X-Tenant")}".TrimEnd(), "Cache-Control: max-age=60"));
        return env;
    }
}
