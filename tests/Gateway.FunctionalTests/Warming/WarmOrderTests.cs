using System.Net;
using System.Text.Json;
using CacheGateway.FunctionalTests.Policies;

namespace CacheGateway.FunctionalTests.Warming;

/// <summary>Orders to warm: what they may name, which targets that makes, and what is refused.</summary>
public sealed class WarmOrderTests
{
    [Theory]
    [Attack("F10", "Warming that is led elsewhere")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://127.0.0.1:6379/")]
    [InlineData("//evil")]
    [InlineData("/\\\\evil")]
    [InlineData("\\\\\\\\evil")]
    [InlineData("/x\\r\\nHost: evil")]
    [InlineData("/x y")]
    [InlineData("/../admin")]
    [InlineData("/p/%2e%2e/admin")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1/")]
    [InlineData("/x#fragment")]
    [InlineData("p/1")]
    [InlineData("")]
    [InlineData("http://user@127.0.0.1/")]
    [InlineData("http:///p/1")]
    public async Task UrlThatLeadsElsewhere_IsRefused_AndNothingIsAsked(string url)
    {
        await using var env = await GatewayEnvironment.StartAsync(WarmJobTests.Policies);

        using var answer = await env.PostAdminAsync(WarmUps.Path, $$"""{"urls": ["/p/1", "{{url}}"]}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Empty(env.Origin.Log);
    }

    [Theory]
    [InlineData("""{"urls": ["/p/1"], "headers": {"Authorization": "x"}}""")]
    [InlineData("""{"urls": ["/p/1"], "headers": {"cookie": "x"}}""")]
    [InlineData("""{"urls": ["/p/1"], "headers": {"Host": "evil"}}""")]
    [InlineData("""{"urls": ["/p/1"], "headers": {"X": "a\r\nHost: evil"}}""")]
    [InlineData("""{"urls": ["/p/1"], "headers": {"X: y": "a"}}""")]
    [InlineData("""{"urls": ["/p/1"], "headers": {"X": null}}""")]
    [InlineData("""{"urls": ["/p/1"], "headers": {"If-None-Match": "*"}}""")]
    [InlineData("""{"urls": ["/p/1"], "concurrency": 0}""")]
    [InlineData("""{"urls": ["/p/1"], "concurrency": 65}""")]
    [InlineData("""{"urls": ["/p/1"], "ratePerSecond": -1}""")]
    [InlineData("""{"urls": [null]}""")]
    [InlineData("""{"urls": ["/p/1"], "url": "/p/2"}""")]
    [InlineData("""{"policies": ["nobody"]}""")]
    [InlineData("""{}""")]
    [InlineData("""null""")]
    [InlineData("""{"urls": """)]
    public async Task OrderThatIsWrong_IsRefused(string order)
    {
        await using var env = await GatewayEnvironment.StartAsync(WarmJobTests.Policies);

        using var answer = await env.PostAdminAsync(WarmUps.Path, order);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(env.Origin.Log);
    }

    [Fact]
    public async Task Order_WithMoreTargetsThanAJobMayHave_IsRefused()
    {
        await using var env = await GatewayEnvironment.StartAsync(WarmJobTests.Policies);

        using var answer = await env.PostAdminAsync(WarmUps.Path, JsonSerializer.Serialize(new { urls = Enumerable.Range(0, 50_001).Select(i => $"/p/{i}") }));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("50000", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_BeyondTheMostThatRun_AreToldToWait()
    {
        await using var env = await GatewayEnvironment.StartAsync(WarmJobTests.Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        env.Origin.Hold("/p/1");
        for (var i = 0; i < 4; i++)
        {
            await env.StartWarmingAsync(new { urls = new[] { "/p/1" } });
        }

        using var answer = await env.PostAdminAsync(WarmUps.Path, """{"urls": ["/p/2"]}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        env.Origin.Release("/p/1");
    }

    [Fact]
    public async Task Host_ThatIsConfigured_IsWarmedUnderItsOwnKey()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = WarmJobTests.Policies,
            Settings = settings => settings with { Hosts = ["api.test", "other.test"] },
        });
        env.Origin.On(null, "*", _ => Reply.Ok("x"));

        var job = await env.WarmAsync(new { urls = new[] { "/p/1", "http://other.test/p/1" } });

        Assert.Equal(2, job.Count("stored"));
        Assert.Equal(["api.test", "other.test"], env.Origin.Log.Select(request => request.Header("Host")).Order());
        CacheAssert.Hit(await env.AskAsync("api.test", "/p/1"));
        CacheAssert.Hit(await env.AskAsync("other.test", "/p/1"));
    }

    /// <summary>As clients ask for it: they leave the port of the scheme away.</summary>
    [Fact]
    public async Task Host_ConfiguredWithAPort_IsWarmedUnderTheKeyOfItsClients()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = WarmJobTests.Policies,
            Settings = settings => settings with { Hosts = ["api.test:80", "other.test:8080"] },
        });
        env.Origin.On(null, "*", _ => Reply.Ok("x"));

        var job = await env.WarmAsync(new { urls = new[] { "/p/1", "http://api.test/p/2", "http://other.test:8080/p/1" } });

        Assert.Equal(3, job.Count("stored"));
        Assert.Equal(["api.test", "api.test", "other.test:8080"], env.Origin.Log.Select(request => request.Header("Host")).Order());
        CacheAssert.Hit(await env.AskAsync("api.test", "/p/1"));
        CacheAssert.Hit(await env.AskAsync("api.test", "/p/2"));
        CacheAssert.Hit(await env.AskAsync("other.test:8080", "/p/1"));
    }

    [Fact]
    [CoversPolicy("warm.variants")]
    public async Task Variants_OfThePolicy_AreAllWarmed()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "p": { "match": { "path": "/p" }, "ttl": "10m", "warm": { "variants": { "Accept-Language": ["de", "en"] } } } } }
            """);
        env.Origin.On(null, "/p", request => Reply.Ok(request.Header("Accept-Language") ?? "none", "Vary: Accept-Language"));

        var job = await env.WarmAsync(new { urls = new[] { "/p" } });

        Assert.Equal((2, 2), (job.Count("total"), job.Count("stored")));
        var german = await env.GetAsync("/p", "Accept-Language: de");
        CacheAssert.Hit(german);
        Assert.Equal("de", german.Text);
        CacheAssert.Hit(await env.GetAsync("/p", "Accept-Language: en"));
    }

    [Fact]
    public async Task Headers_OfTheOrder_TakeThePlaceOfTheVariants()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "p": { "match": { "path": "/p" }, "ttl": "10m", "key": { "headers": ["X-Tenant"] }, "warm": { "variants": { "X-Tenant": ["a", "b"] } } } } }
            """);
        env.Origin.On(null, "/p", request => Reply.Ok(request.Header("X-Tenant") ?? "none"));

        await env.WarmAsync(new { urls = new[] { "/p" }, headers = new Dictionary<string, string> { ["X-Tenant"] = "c" } });

        CacheAssert.Hit(await env.GetAsync("/p", "X-Tenant: c"));
        Assert.Single(env.Origin.Log);
    }

    [Fact]
    [CoversPolicy("warm.urls")]
    public async Task Policy_ByName_IsItsListedUrls_AndWhatMemoryHoldsOfIt()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "warm": { "urls": ["/p/1", "/p/2"] } },
                "q": { "match": { "path": "/q" }, "ttl": "10m" } } }
            """);
        env.Origin.On(null, "*", request => Reply.Ok(request.Header("Accept-Language") ?? "none", "Vary: Accept-Language"));
        await env.GetAsync("/p/3", "Accept-Language: de");
        await env.GetAsync("/p/mine", "Authorization: Bearer x");
        await env.GetAsync("/q");
        await env.InvalidateAsync(new { all = true });

        var job = await env.WarmAsync(new { policies = new[] { "p" } });

        Assert.Equal((3, 3), (job.Count("total"), job.Count("stored")));
        CacheAssert.Hit(await env.GetAsync("/p/1"));
        CacheAssert.Hit(await env.GetAsync("/p/3", "Accept-Language: de"));
        CacheAssert.Miss(await env.GetAsync("/p/mine", "Authorization: Bearer x"));
        Assert.Equal(1, env.Origin.Requests("/q"));
    }

    [Fact]
    public async Task Popular_IsWhatWasAskedForMost()
    {
        await using var env = await GatewayEnvironment.StartAsync(WarmJobTests.Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        for (var i = 0; i < 3; i++)
        {
            await env.GetAsync("/p/hot");
        }

        await env.GetAsync("/p/cold");
        await env.InvalidateAsync("p");

        var job = await env.WarmAsync(new { popular = true });

        Assert.Equal((1, 1), (job.Count("total"), job.Count("stored")));
        CacheAssert.Hit(await env.GetAsync("/p/hot"));
        CacheAssert.Miss(await env.GetAsync("/p/cold"));
    }
}
