using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What a write through the gateway invalidates, and what it must not touch.</summary>
public sealed class UnsafeMethodTests
{
    /// <summary>What was stored by the new rules, before the write was done, carries tags of which the old ones knew nothing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteThatARuleOvertakes_RaisesWhatTheNewOneSays(bool isAnswered)
    {
        const string Lists = "\"list\": { \"match\": { \"path\": \"/list\" }, \"ttl\": \"1h\", \"tags\": [\"products\"] }";
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { {{Lists}} } }""");
        env.Origin.Get("/list", Reply.Ok("x"));
        env.Origin.On("POST", "/save", _ => isAnswered ? Reply.Ok("saved") : Reply.Exactly(""));
        env.Origin.Hold("/save");
        var write = env.SendAsync("POST", "/save", "x");
        await env.Origin.Reached("/save");
        await env.ChangePoliciesAsync($$"""{ "policies": { {{Lists}}, "save": { "match": { "path": "/save" }, "invalidates": ["products"] } } }""");
        await env.GetAsync("/list");
        CacheAssert.Hit(await env.GetAsync("/list"));

        env.Origin.Release("/save");
        await write;

        CacheAssert.Miss(await env.GetAsync("/list"));
    }

    /// <summary>Before it is forwarded it would be refused for naming so many. What is under way may be done, and makes stale whatever it names.</summary>
    [Fact]
    public async Task WriteThatARuleOvertakes_IsRaisedWhole_HoweverManyItNames()
    {
        const string Pages = "\"pages\": { \"match\": { \"path\": \"/pages\" }, \"ttl\": \"1h\", \"tags\": [\"page:{query.page}\"] }";
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { {{Pages}} } }""");
        env.Origin.Get("/pages", Reply.Ok("x"));
        env.Origin.On("POST", "/save", _ => Reply.Ok("saved"));
        env.Origin.Hold("/save");
        var write = env.SendAsync("POST", $"/save?{string.Join('&', Enumerable.Range(0, 300).Select(page => $"page={page}"))}", "x");
        await env.Origin.Reached("/save");
        await env.ChangePoliciesAsync($$"""{ "policies": { {{Pages}}, "save": { "match": { "path": "/save" }, "invalidates": ["page:{query.page}"] } } }""");
        await env.GetAsync("/pages?page=299");
        CacheAssert.Hit(await env.GetAsync("/pages?page=299"));

        env.Origin.Release("/save");

        Assert.Equal("saved", (await write).Text);
        CacheAssert.Miss(await env.GetAsync("/pages?page=299"));
    }

    [Theory]
    [CoversPolicy("$.cascade")]
    [InlineData("X-Tenant: a")]
    [InlineData("X-Other: a")]
    public async Task Write_WithOrWithoutTheHeaderOfItsTag_Cascades(string line)
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "own": { "match": { "path": "/own" }, "ttl": "1h", "key": { "headers": ["X-Tenant"] }, "tags": ["tenant:{header.X-Tenant}"], "invalidates": ["tenant:{header.X-Tenant}"] },
                "all": { "match": { "path": "/all" }, "ttl": "1h", "tags": ["overview"] } },
              "cascade": { "tenant:{t}": ["overview"] } }
            """);
        env.Origin.GetNumbered("/all");
        env.Origin.On("POST", "/own", _ => Reply.Ok("saved"));
        await env.GetAsync("/all");

        await env.SendAsync("POST", "/own", "x", line);

        Assert.Equal("2", (await env.GetAsync("/all")).Text);
    }

    [Theory]
    [Covers("RFC 9111 4.4", "a successful unsafe request invalidates its target URI")]
    [InlineData("POST", 200)]
    [InlineData("PUT", 204)]
    [InlineData("DELETE", 200)]
    [InlineData("PATCH", 201)]
    [InlineData("FROB", 200)]
    [InlineData("POST", 303)]
    public async Task UnsafeMethod_ThatSucceeds_InvalidatesItsUri(string method, int status)
    {
        await using var env = await Numbered.StartAsync("/x", "/x?q=1", "/y");
        env.Origin.On(method, "/x", _ => Reply.Of(status, ""));

        await env.SendAsync(method, "/x");

        await CacheAssert.FetchedAgainAsync(env, "/x");
        await CacheAssert.HitAsync(env, "/x?q=1", "/y");
    }

    [Theory]
    [Covers("RFC 9111 4.4", "an error response to an unsafe request does not invalidate")]
    [InlineData("POST", 400)]
    [InlineData("POST", 500)]
    [InlineData("DELETE", 404)]
    [InlineData("OPTIONS", 200)]
    [InlineData("TRACE", 200)]
    public async Task MethodThatChangedNothing_InvalidatesNothing(string method, int status)
    {
        await using var env = await Numbered.StartAsync("/x");
        env.Origin.On(method, "/x", _ => Reply.Of(status, ""));

        await env.SendAsync(method, "/x");

        await CacheAssert.HitAsync(env, "/x");
    }

    [Fact]
    public async Task UnsafeMethod_WithUnknownOutcome_Invalidates()
    {
        await using var env = await Numbered.StartAsync("/x");
        env.Origin.On("POST", "/x", Reply (_) => Reply.Exactly("", ReplyEnding.Reset));

        Assert.Equal(502, (await env.SendAsync("POST", "/x")).Status);

        await CacheAssert.FetchedAgainAsync(env, "/x");
    }

    /// <summary>Nobody was told that it changed anything, and an origin that breaks writes off is about to be missed: what is stored is asked for, and stands in for it.</summary>
    [Fact]
    [Fault("F-30", "A write that is broken off, of an origin that goes away: what is stored goes on standing in for it, and is asked for when it is back")]
    public async Task UnsafeMethod_WithUnknownOutcome_LeavesWhatStandsInForTheOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", "Cache-Control: max-age=60, stale-while-revalidate=600, stale-if-error=600"));
        env.Origin.On("POST", "/x", Reply (_) => Reply.Exactly("", ReplyEnding.Reset));
        await env.GetAsync("/x");
        Assert.Equal(502, (await env.SendAsync("POST", "/x")).Status);

        await env.Origin.GoAway();

        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);
        env.Time.AdvanceSeconds(31);
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 2);
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);
        env.Origin.Return();
        await Deadline.Until(async () => (await env.GetAsync("/x")).CacheStatus!.Detail != Reason.StaleIfError.Text(), "the origin is back");
        Assert.Equal("\"v1\"", env.Origin.Last("/x").Header("If-None-Match"));
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.Fresh);
    }

    /// <summary>Nothing changed where nothing was sent, and just then what is stored stands in for the origin.</summary>
    [Theory]
    [Fault("F-30", "A write that finds no connection: it was not sent, and what is stored goes on standing in for the origin")]
    [InlineData("POST", "content")]
    [InlineData("DELETE", null)]
    public async Task UnsafeMethod_ThatWasNotSent_InvalidatesNothing(string method, string? body)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", "Cache-Control: max-age=60, stale-if-error=600");
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        await env.Origin.GoAway();
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);

        Assert.Equal(502, (await env.SendAsync(method, "/x", body)).Status);

        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);
        env.Time.AdvanceSeconds(31);
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);
        Assert.Equal(0, await env.MetricAsync("cachegateway_invalidations_total"));
    }

    /// <summary>An origin that fails for long must not fill memory: what is beyond was raised once, and has its place when the others had their turn.</summary>
    [Fact]
    public async Task WritesOfUnknownOutcome_AThousandWaitToBeRaisedAgain()
    {
        await using var env = await Numbered.StartAsync("/first", "/last");
        var (late, invalidator) = (env.Services.GetRequiredService<LateRaises>(), env.Services.GetRequiredService<Invalidator>());
        for (var i = 0; i < 1000; i++)
        {
            late.Add(Raise("/first"), TimeSpan.Zero);
        }

        late.Add(Raise("/last"), TimeSpan.Zero);
        await CacheAssert.HitAsync(env, "/first");
        env.Time.AdvanceSeconds(30);

        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1000);
        await CacheAssert.FetchedAgainAsync(env, "/first");
        await CacheAssert.HitAsync(env, "/last");

        await env.GetAsync("/later");
        late.Add(Raise("/later"), TimeSpan.Zero);
        env.Time.AdvanceSeconds(30);
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1001);
        await CacheAssert.FetchedAgainAsync(env, "/later");

        Func<Task> Raise(string url) => () => invalidator.RaiseAsync(new InvalidationScope { Urls = [url] }, InvalidationSource.UnsafeMethod, InvalidationWait.Local);
    }

    [Theory]
    [Covers("RFC 9111 4.4", "Location and Content-Location of the same origin are invalidated")]
    [InlineData("Location: /y")]
    [InlineData("Content-Location: y")]
    public async Task UnsafeMethod_InvalidatesSameOriginLocations(string location)
    {
        await using var env = await Numbered.StartAsync("/x", "/y");
        env.Origin.On("POST", "/x", _ => Reply.Of(201, "", location));

        await env.SendAsync("POST", "/x");

        await CacheAssert.FetchedAgainAsync(env, "/x", "/y");
    }

    /// <summary>An answer to these names nothing where what they wrote to was there before.</summary>
    [Theory]
    [InlineData("MOVE", "Destination: /files/b", true)]
    [InlineData("COPY", "Destination: http://shop.test/files/b", true)]
    [InlineData("COPY", "Destination: https://shop.test/files/%62", true)]
    [InlineData("MOVE", "Destination: http://other.test/files/b", false)]
    [InlineData("MOVE", "Destination: /files/c", false)]
    [InlineData("PUT", "Destination: /files/b", false)]
    public async Task MoveAndCopy_InvalidateWhatTheyWriteTo(string method, string destination, bool isCleared)
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "file": { "match": { "path": "/files/{name}" }, "ttl": "1h", "invalidates": ["file:{name}"] },
                            "preview": { "match": { "path": "/previews/{name}" }, "ttl": "1h", "tags": ["file:{name}"] } } }
            """);
        env.Origin.GetNumbered("/*");
        env.Origin.On(method, "/files/a", _ => Reply.Of(204, ""));
        foreach (var target in (string[])["/files/b", "/previews/b"])
        {
            await env.GetAsync(target, "Host: shop.test");
        }

        await env.SendAsync(method, "/files/a", null, "Host: shop.test", destination);

        foreach (var target in (string[])["/files/b", "/previews/b"])
        {
            Assert.Equal(isCleared ? "2" : "1", (await env.GetAsync(target, "Host: shop.test")).Text);
        }
    }

    [Fact]
    [Attack("F13", "A Location that names another host")]
    public async Task UnsafeMethod_DoesNotInvalidateAnotherOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/y", Numbered.Fresh);
        env.Origin.On("POST", "/x", _ => Reply.Of(201, "", "Location: http://other.test/y"));
        await env.GetAsync("/y", "Host: other.test");

        await env.SendAsync("POST", "/x", null, "Host: evil.test");

        CacheAssert.Hit(await env.GetAsync("/y", "Host: other.test"));
    }

    [Fact]
    public async Task UnsafeMethod_InvalidatesAllVariants()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Vary: Accept");
        env.Origin.On("POST", "/x", _ => Reply.Of(200, ""));
        await env.GetAsync("/x", "Accept: a/a");
        await env.GetAsync("/x", "Accept: b/b");

        await env.SendAsync("POST", "/x");

        Assert.Equal("4", (await env.GetAsync("/x", "Accept: a/a")).Text);
        Assert.Equal("5", (await env.GetAsync("/x", "Accept: b/b")).Text);
    }

    [Fact]
    public async Task UnsafeMethod_RaisesThePolicysTags()
    {
        await using var env = await GatewayEnvironment.StartAsync(InvalidationTests.Policies);
        env.Origin.On(null, "/products*", request => Reply.Ok($"{request.PathNumber}"));
        string[] all = ["/products", "/products?page=2", "/products/1", "/products/2"];
        foreach (var target in all)
        {
            await env.GetAsync(target);
        }

        await env.SendAsync("PUT", "/products/1", "x");

        await CacheAssert.FetchedAgainAsync(env, "/products", "/products?page=2", "/products/1");
        await CacheAssert.HitAsync(env, "/products/2");
    }

    [Theory]
    [InlineData("/api/products/{id}", "/api/products")]
    [InlineData("/api/{tenant}/{id:int}", "/api/products")]
    [InlineData("/api/products/{*rest}", null)]
    [InlineData("/api/products/7", null)]
    public async Task UnsafeMethod_OnOneOfSeveral_TakesTheListsThatCouldHoldIt(string template, string? list)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "one": { "match": { "path": "{{template}}" }, "ttl": "60s" },
                "list": { "match": { "path": "/api/products" }, "ttl": "60s" }, "other": { "match": { "path": "/api/others" }, "ttl": "60s" } } }
            """);
        env.Origin.On(null, "/api/*", request => Reply.Ok($"{request.PathNumber}"));
        string[] all = ["/api/products", "/api/products?page=2", "/api/products/8", "/api/others"];
        foreach (var target in all)
        {
            await env.GetAsync(target);
        }

        await env.SendAsync("PUT", "/api/products/7", "x");

        if (list is not null)
        {
            await CacheAssert.FetchedAgainAsync(env, list, list + "?page=2");
        }

        await CacheAssert.HitAsync(env, "/api/products", "/api/products?page=2", "/api/others");
    }
}
