using CacheGateway.FunctionalTests.Policies;

namespace CacheGateway.FunctionalTests.Warming;

/// <summary>What an invalidation cleared is fetched anew where a policy says so.</summary>
public sealed class ClearedWarmingTests
{
    [Fact]
    [CoversPolicy("warm.afterInvalidation")]
    public async Task Cleared_IsFetchedAnew_ForThePoliciesThatAskForIt()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p:{id}"], "warm": { "afterInvalidation": true } },
                "q": { "match": { "path": "/q/{id}" }, "ttl": "10m", "tags": ["q:{id}"] } } }
            """);
        env.Origin.On(null, "*", request => Reply.Ok($"{request.PathNumber}"));
        foreach (var path in new[] { "/p/1", "/p/2", "/q/1" })
        {
            await env.GetAsync(path);
        }

        await env.GetAsync("/p/1", "Authorization: Bearer x");
        await env.InvalidateAsync("p:1", "q:1");
        await AdvanceUntilAsync(env, () => env.Origin.Requests("/p/1") == 3);
        await env.UntilMetric("cachegateway_fill_under_way", fills => fills == 0);

        var warmed = await env.GetAsync("/p/1");
        CacheAssert.Hit(warmed);
        Assert.Equal("3", warmed.Text);
        CacheAssert.Hit(await env.GetAsync("/p/2"));
        Assert.Equal((3, 1, 1), (env.Origin.Requests("/p/1"), env.Origin.Requests("/p/2"), env.Origin.Requests("/q/1")));
        await env.UntilMetric("cachegateway_warmed_total{cause=\"invalidation\",outcome=\"stored\"}", count => count == 1);
    }

    /// <summary>As many as are warmed at a time, each asked for more often and nobody's to warm.</summary>
    [Fact]
    public async Task EntriesOfSingleUsers_LeaveRoomForWhatCanBeWarmed()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p"], "warm": { "afterInvalidation": true } } } }
            """);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        await env.GetAsync("/p/1");
        for (var i = 0; i < 200; i++)
        {
            await env.GetAsync("/p/2", $"Authorization: Bearer {i}");
            await env.GetAsync("/p/2", $"Authorization: Bearer {i}");
        }

        await env.InvalidateAsync("p");

        await AdvanceUntilAsync(env, () => env.Origin.Requests("/p/1") == 2);
    }

    /// <summary>Every API has its own name for what says who asks. Values that the policy lists are no secret, nor are fields that say what a client can read.</summary>
    [Theory]
    [InlineData("X-Session", "", 1)]
    [InlineData("X-Region", "\"variants\": { \"x-region\": [\"eu\", \"us\"] },", 2)]
    [InlineData("Accept-Language", "", 2)]
    public async Task KeyedFields_AreSentAgain_WhereTheyAreNobodysSecret(string field, string variants, int asked)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "p": { "match": { "path": "/p" }, "ttl": "10m", "tags": ["t"], "key": { "headers": ["{{field}}"] }, "warm": { {{variants}} "afterInvalidation": true } },
                "q": { "match": { "path": "/q" }, "ttl": "10m", "tags": ["t"], "warm": { "afterInvalidation": true } },
                "v": { "match": { "path": "/v" }, "ttl": "10m", "tags": ["t"], "warm": { {{variants}} "afterInvalidation": true } } } }
            """);
        env.Origin.Get("/*", Reply.Ok("x"));
        env.Origin.Get("/v", Reply.Ok("x", $"Vary: {field}"));
        await env.GetAsync("/p", $"{field}: eu");
        await env.GetAsync("/v", $"{field}: eu");
        await env.GetAsync("/q");

        await env.InvalidateAsync("t");
        await AdvanceUntilAsync(env, () => env.Origin.Requests("/q") == 2);
        await env.UntilMetric("cachegateway_warming_jobs", jobs => jobs == 0);

        Assert.Equal((asked, asked), (env.Origin.Requests("/p"), env.Origin.Requests("/v")));
        Assert.Equal("eu", env.Origin.Last("/p").Header(field));
    }

    /// <summary>A client that sends no Accept has a variant of its own, and gets that.</summary>
    [Fact]
    public async Task VariantWithoutAccept_IsWarmedWithoutIt()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p"], "warm": { "afterInvalidation": true } } } }
            """);
        env.Origin.Get("/p/1", request => Reply.Ok($"{request.PathNumber} {request.Has("Accept")}", "Vary: Accept"));
        Assert.Equal("1 False", (await env.GetAsync("/p/1")).Text);

        await env.InvalidateAsync("p");
        await AdvanceUntilAsync(env, () => env.Origin.Requests("/p/1") == 2);
        await env.UntilMetric("cachegateway_warming_jobs", jobs => jobs == 0);

        CacheAssert.Hit(await env.GetAsync("/p/1"));
        Assert.Equal(2, env.Origin.Requests("/p/1"));
    }

    [Fact]
    public async Task Cleared_ThatIsGoneNow_IsAskedForOnce()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p"], "warm": { "afterInvalidation": true } } } }
            """);
        env.Origin.Get("/p/1", Reply.Ok("1"), Reply.Of(403, "no"));
        env.Origin.Get("/p/2", Reply.Ok("1"));
        await env.GetAsync("/p/1");
        await env.GetAsync("/p/2");

        await env.InvalidateAsync("p");
        await AdvanceUntilAsync(env, () => env.Origin.Requests("/p/1") == 2 && env.Origin.Requests("/p/2") == 2);
        await env.UntilMetric("cachegateway_warming_jobs", jobs => jobs == 0);
        await env.InvalidateAsync("p");
        await AdvanceUntilAsync(env, () => env.Origin.Requests("/p/2") == 3);
        await env.UntilMetric("cachegateway_warming_jobs", jobs => jobs == 0);

        Assert.Equal(2, env.Origin.Requests("/p/1"));
    }

    [Fact]
    public async Task Cleared_WhileAsManyWarmUpsRunAsMay_IsFetchedWhenOneEnds()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p"], "warm": { "afterInvalidation": true } },
                "q": { "match": { "path": "/q/{id}" }, "ttl": "10m" } } }
            """);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        await env.GetAsync("/p/1");
        env.Origin.Hold("/q/1");
        for (var i = 0; i < 4; i++)
        {
            await env.StartWarmingAsync(new { urls = new[] { "/q/1" } });
        }

        await env.InvalidateAsync("p");
        for (var i = 0; i < 20; i++)
        {
            env.Time.AdvanceSeconds(0.1);
            Assert.Equal(4, await env.MetricAsync("cachegateway_warming_jobs"));
        }

        Assert.Equal(1, env.Origin.Requests("/p/1"));
        env.Origin.Release("/q/1");
        await AdvanceUntilAsync(env, () => env.Origin.Requests("/p/1") == 2);
    }

    /// <summary>Invalidations in quick succession are waited for, by the clock that only the test moves.</summary>
    private static Task AdvanceUntilAsync(GatewayEnvironment env, Func<bool> condition) => Deadline.Until(() =>
    {
        env.Time.AdvanceSeconds(0.1);
        return Task.FromResult(condition());
    }, "the warm-up after the invalidation");
}
