using CacheGateway.FunctionalTests.Admin;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Warming;

/// <summary>Hot responses are refreshed before they expire, so that nobody waits when they do; cold ones are not, and never beyond the budget.</summary>
public sealed class RefreshAheadTests
{
    private const int Hot = 10;

    [Fact]
    [CoversPolicy("refreshAhead")]
    public async Task HotResponse_NearItsEnd_IsRefreshedBehindAHit()
    {
        await using var env = await StartAsync("""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "100s", "refreshAhead": 0.2 } } }""");
        await HeatAsync(env);
        env.Time.AdvanceSeconds(79);
        await env.GetAsync("/x");
        Assert.Equal(1, env.Origin.Requests("/x"));

        env.Time.AdvanceSeconds(2);
        var hit = await env.GetAsync("/x");
        await env.Origin.Reached("/x", 2);
        await env.UntilMetric("cachegateway_fill_under_way", fills => fills == 0);

        CacheAssert.Hit(hit, Reason.Fresh);
        Assert.Equal("1", hit.Text);
        env.Time.AdvanceSeconds(30);
        var after = await env.GetAsync("/x");
        CacheAssert.Hit(after, Reason.Fresh);
        Assert.Equal(("2", 2), (after.Text, env.Origin.Requests("/x")));
        Assert.Equal(1, await env.MetricAsync("cachegateway_refresh_ahead_total{outcome=\"started\"}"));
    }

    [Fact]
    public async Task WithoutAWord_HotResponsesAreRefreshedInTheLastTenth()
    {
        await using var env = await StartAsync("""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "100s" } } }""");
        await HeatAsync(env);
        env.Time.AdvanceSeconds(91);

        await env.GetAsync("/x");

        await env.Origin.Reached("/x", 2);
    }

    [Fact]
    [CoversPolicy("$.defaults.refreshAhead")]
    public async Task Zero_IsNever()
    {
        await using var env = await StartAsync("""{ "defaults": { "refreshAhead": 0 }, "policies": { "p": { "match": { "path": "/x" }, "ttl": "100s" } } }""");
        await HeatAsync(env);
        env.Time.AdvanceSeconds(99.5);

        await env.GetAsync("/x");

        Assert.Equal(0, await env.MetricAsync("cachegateway_refresh_ahead_total"));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Theory]
    [Covers("RFC 8246 2", "what is immutable is not validated while it is fresh")]
    [InlineData("Cache-Control: max-age=100, immutable")]
    [InlineData("Cache-Control: max-age=100", "Cache-Control: Immutable")]
    public async Task ImmutableResponse_IsLeftToExpire(params string[] control)
    {
        await using var env = await StartAsync("""{ "policies": { "p": { "match": { "path": "/x" } } } }""");
        env.Origin.Get("/x", Reply.Ok("x", control));
        await HeatAsync(env);
        env.Time.AdvanceSeconds(95);

        CacheAssert.Hit(await env.GetAsync("/x"));

        Assert.Equal(0, await env.MetricAsync("cachegateway_refresh_ahead_total"));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task ColdResponse_IsLeftToExpire()
    {
        await using var env = await StartAsync("""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "100s" } } }""");
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(95);

        CacheAssert.Hit(await env.GetAsync("/x"));

        Assert.Equal(0, await env.MetricAsync("cachegateway_refresh_ahead_total"));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Budget_ThatIsSpent_LeavesTheRestToExpire()
    {
        await using var env = await StartAsync("""{ "policies": { "p": { "match": { "path": "/{id}" }, "ttl": "100s" } } }""", perSecond: 1);
        foreach (var path in new[] { "/x", "/y", "/z" })
        {
            await HeatAsync(env, path);
        }

        env.Time.AdvanceSeconds(95);
        foreach (var path in new[] { "/x", "/y", "/z" })
        {
            await env.GetAsync(path);
        }

        await env.Origin.Reached("*", 4);
        Assert.Equal(1, await env.MetricAsync("cachegateway_refresh_ahead_total{outcome=\"started\"}"));
        Assert.Equal(2, await env.MetricAsync("cachegateway_refresh_ahead_total{outcome=\"over-budget\"}"));
        Assert.Equal(4, env.Origin.Log.Count);
    }

    [Fact]
    public async Task OriginThatFails_LeavesTheFreshOneToTheEndOfItsLife()
    {
        await using var env = await StartAsync("""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "100s" } } }""");
        await HeatAsync(env);
        env.Origin.Get("/x", Reply.Of(503, "down"));
        env.Time.AdvanceSeconds(95);

        await env.GetAsync("/x");
        await env.Origin.Reached("/x", 2);
        await env.UntilMetric("cachegateway_fill_under_way", fills => fills == 0);

        CacheAssert.Hit(await env.GetAsync("/x"), Reason.Fresh);
    }

    /// <summary>Neither the budget nor the count knows of a refresh that is under way already.</summary>
    [Fact]
    public async Task RefreshUnderWay_IsNeitherBegunNorCountedAgain()
    {
        await using var env = await StartAsync("""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "100s" } } }""");
        await HeatAsync(env);
        env.Time.AdvanceSeconds(91);
        env.Origin.Hold("/x");

        for (var i = 0; i < 4; i++)
        {
            CacheAssert.Hit(await env.GetAsync("/x"));
            await env.Origin.Reached("/x", 2);
            env.Time.AdvanceSeconds(1.5);
        }

        Assert.Equal(1, await env.MetricAsync("cachegateway_refresh_ahead_total"));
        env.Origin.Release("/x");
    }

    private static async Task<GatewayEnvironment> StartAsync(string policies, int perSecond = 20)
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = policies, Settings = settings => settings with { RefreshAhead = perSecond } });
        env.Origin.On(null, "*", request => Reply.Ok($"{request.PathNumber}"));
        return env;
    }

    private static async Task HeatAsync(GatewayEnvironment env, string path = "/x")
    {
        for (var i = 0; i <= Hot; i++)
        {
            await env.GetAsync(path);
        }

        await env.UntilHitsAsync(path, Hot);
    }
}
