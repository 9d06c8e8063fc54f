using System.Text.Json;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>With several routes and origins, what is explained, warmed and measured takes the way that a client's request does.</summary>
public sealed class RoutesTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Theory]
    [InlineData("/beta/1", null, "beta")]
    [InlineData("/stable/1", null, "stable")]
    [InlineData("/b%C3%A4ta", null, "beta")]
    [InlineData("/stable/1", "X-Channel: beta", "by-header")]
    public async Task Explain_NamesTheRouteThatTakesIt_AndFindsWhatClientsStored(string path, string? header, string route)
    {
        await using var both = await TwoOrigins.StartAsync();
        string[] lines = header is null ? [] : [header];
        await both.Env.GetAsync(path, lines);
        CacheAssert.Hit(await both.Env.GetAsync(path, lines));

        var answer = await ExplainAsync(both.Env, path, lines);

        var step = answer.GetProperty("steps").EnumerateArray().First(step => step.Text("name") == "route");
        Assert.Equal(route, step.Text("result"));
        Assert.Equal(("hit", 1), (answer.Text("outcome"), answer.GetProperty("stored").GetArrayLength()));
    }

    [Fact]
    public async Task Explain_WithoutARoute_SaysSo_AsTheGatewayAnswers()
    {
        await using var both = await TwoOrigins.StartAsync();

        var answer = await ExplainAsync(both.Env, "/nowhere");

        Assert.Equal(("fail", "no-route"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal(404, (await both.Env.GetAsync("/nowhere")).Status);
    }

    [Fact]
    public async Task Explain_OfAWriteWithoutARoute_SaysSo_AsTheGatewayAnswers()
    {
        await using var both = await TwoOrigins.StartAsync();

        var answer = await both.Env.PostJsonAsync("explain", new { url = $"http://{both.Env.Addresses[0].Authority}/nowhere", method = "POST" });

        Assert.Equal(("fail", "no-route"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal(404, (await both.Env.SendAsync("POST", "/nowhere", "")).Status);
    }

    [Fact]
    public async Task Explain_OfAHostThatIsNotServed_SaysSo_AsTheGatewayAnswers()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { Hosts = ["shop.example"] } });

        var answer = await env.PostJsonAsync("explain", new { url = "http://other.test/x" });
        var served = await env.PostJsonAsync("explain", new { url = "http://shop.example:8080/x" });

        Assert.Equal(("fail", "host-not-served"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal("fetch", served.Text("outcome"));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: other.test\r\n\r\n");
        Assert.Equal(421, (await client.ReadAsync("GET")).Status);
    }

    /// <summary>A path that could lead past the route it chose.</summary>
    [Theory]
    [InlineData("GET", "/stable/..;/beta/1")]
    [InlineData("POST", "/stable/%2e%2e%3b/beta/1")]
    public async Task Explain_OfAPathThatIsReadInTwoWays_SaysThatItIsRefused_AsTheGatewayDoes(string method, string path)
    {
        await using var both = await TwoOrigins.StartAsync();

        var answer = await both.Env.PostJsonAsync("explain", new { url = path, method });

        Assert.Equal(("fail", "path-refused"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal(400, (await both.Env.SendAsync(method, path)).Status);
    }

    /// <summary>The server resolves them before a route is looked for.</summary>
    [Theory]
    [InlineData("/nowhere/../stable/1")]
    [InlineData("/nowhere/%2E%2e/stable/1")]
    [InlineData("/stable/./1")]
    public async Task Explain_OfPlainDotSegments_NamesTheRouteThatTakesIt(string path)
    {
        await using var both = await TwoOrigins.StartAsync();

        var answer = await both.Env.PostJsonAsync("explain", new { url = path });

        Assert.Equal(("pass", "unkeyable"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal("stable", (await both.Env.GetAsync(path)).Text);
    }

    [Fact]
    public async Task Explained_Warmed_AndAsked_ShareOneKey()
    {
        await using var both = await TwoOrigins.StartAsync();
        using var answer = await both.Env.PostAdminAsync("/api/v2/cache/warm-cache", """{ "urls": ["/beta/1"] }""");
        Assert.Equal(202, (int)answer.StatusCode);
        await Deadline.Until(async () => (await ExplainAsync(both.Env, "/beta/1")).Text("outcome") == "hit", "what was warmed, as explained");

        CacheAssert.Hit(await both.Env.GetAsync("/beta/1"));
        Assert.Equal(1, both.Beta.Requests("/beta/1"));
        Assert.Equal(0, both.Env.Origin.Requests("*"));
    }

    [Fact]
    public async Task Benchmark_AsksTheRoutesOwnOrigin()
    {
        await using var both = await TwoOrigins.StartAsync();

        var answer = await both.Env.PostJsonAsync("benchmark/transparent", new { url = "/beta/1", requests = 3 });

        Assert.Equal((3, 3), (answer.Number("requests"), answer.Number("hits")));
        Assert.Equal(1 + 1 + 3, both.Beta.Requests("/beta/1"));
        Assert.Equal(0, both.Env.Origin.Requests("*"));
    }

    /// <summary>As requests are forwarded: a backend that is chosen by its name would answer another one's otherwise.</summary>
    [Fact]
    public async Task Benchmark_AsksTheOriginUnderTheHostThatRequestsHaveThere()
    {
        await using var both = await TwoOrigins.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await both.Env.GetAsync("/beta/1", "Host: shop.test");
        }

        await both.Env.PostJsonAsync("benchmark/transparent", new { url = "/beta/1", requests = 3 });

        Assert.Equal(1 + 1 + 3, both.Beta.Requests("/beta/1"));
        Assert.All(both.Beta.Log, request => Assert.Equal(both.Beta.Address.Authority, request.Header("Host")));
    }

    /// <summary>As requests are forwarded: without what is not keyed, behind the path of the destination's address.</summary>
    [Fact]
    public async Task Benchmark_OfAnOriginBehindAPath_AsksTheSameUrlOnBothSides()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = """{ "policies": { "app": { "match": { "path": "/app/{id}" }, "ttl": "1m", "key": { "query": { "ignore": ["utm"] } } } } }""",
            Configuration = origin => $$"""
                { "ReverseProxy": {
                    "Routes": { "app": { "ClusterId": "app", "Match": { "Path": "/app/{**rest}" } } },
                    "Clusters": { "app": { "Destinations": { "a": { "Address": "{{origin}}/base/" } } } } } }
                """,
        });
        env.Origin.Get("*", Reply.Ok("x", Fresh));

        await env.PostJsonAsync("benchmark/app", new { url = "/app/1?a=b&utm=c", requests = 3 });

        Assert.Equal((1 + 1 + 3, 1 + 1 + 3), (env.Origin.Requests("/base/app/1?a=b"), env.Origin.Requests("*")));
    }

    [Theory]
    [InlineData("/nowhere", "No route")]
    [InlineData("/rewritten/1", "rewrites URLs")]
    public async Task Benchmark_WithNothingToCompareWith_SaysWhy(string url, string said)
    {
        await using var both = await TwoOrigins.StartAsync();

        using var answer = await both.Env.PostAdminAsync("/api/v2/cache/benchmark/transparent", JsonSerializer.Serialize(new { url }));

        Assert.Equal(409, (int)answer.StatusCode);
        Assert.Contains(said, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, both.Beta.Requests("*") + both.Env.Origin.Requests("*"));
    }

    private static Task<JsonElement> ExplainAsync(GatewayEnvironment env, string path, params string[] lines) =>
        env.PostJsonAsync("explain", new { url = path, headers = lines.Select(line => line.Split(": ")).ToDictionary(parts => parts[0], parts => parts[1]) });

    /// <summary>A gateway whose configuration leads to two origins by several routes.</summary>
    private sealed class TwoOrigins(GatewayEnvironment env, ScriptedOrigin beta, string file) : IAsyncDisposable
    {
        public GatewayEnvironment Env => env;

        public ScriptedOrigin Beta => beta;

        public static async Task<TwoOrigins> StartAsync()
        {
            var beta = ScriptedOrigin.Start(TimeProvider.System);
            var file = Path.GetTempFileName();
            var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
            {
                Settings = settings =>
                {
                    File.WriteAllText(file, $$"""
                        { "ReverseProxy": {
                            "Routes": {
                                "by-header": { "ClusterId": "beta", "Order": 1, "Match": { "Path": "/stable/{**rest}", "Headers": [ { "Name": "X-Channel", "Values": [ "beta" ] } ] } },
                                "beta": { "ClusterId": "beta", "Order": 2, "Match": { "Path": "/{first:regex(^b[eä]ta$)}/{**rest}" } },
                                "stable": { "ClusterId": "stable", "Order": 3, "Match": { "Path": "/stable/{**rest}" } },
                                "rewritten": { "ClusterId": "beta", "Match": { "Path": "/rewritten/{**rest}" }, "Transforms": [ { "PathRemovePrefix": "/rewritten" } ] } },
                            "Clusters": {
                                "beta": { "Destinations": { "a": { "Address": "{{beta.Address}}" } } },
                                "stable": { "Destinations": { "a": { "Address": "{{settings.Origin}}" } } } } } }
                        """);
                    return settings with { Origin = null, ConfigFile = file };
                },
            });
            // The clock of the gateway is the test's; a Date of now would be one of the far future.
            beta.On(null, "*", _ => Reply.Ok("beta", Fresh) with { Dated = false });
            env.Origin.On(null, "*", _ => Reply.Ok("stable", Fresh));
            return new TwoOrigins(env, beta, file);
        }

        public async ValueTask DisposeAsync()
        {
            await env.DisposeAsync();
            await beta.DisposeAsync();
            File.Delete(file);
        }
    }
}
