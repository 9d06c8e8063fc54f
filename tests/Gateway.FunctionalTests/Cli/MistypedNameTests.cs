namespace CacheGateway.FunctionalTests.Cli;

/// <summary>Names and addresses that somebody mistyped, at the commands that talk to a running gateway: nothing passes for success that has done nothing.</summary>
public sealed class MistypedNameTests
{
    private const string Policies = """
        { "policies": {
            "clients": { "match": { "path": "/clients" }, "ttl": "10m" },
            "shop-products": { "match": { "path": "/p/{id}" }, "ttl": "10m" } } }
        """;

    [Fact]
    public async Task Purge_OfAPolicyThatNobodyKnows_WarnsWithTheNearestName_AndIsRaisedAllTheSame()
    {
        await using var env = await StartAsync();

        var text = await RunAsync(env, "purge", "--policy", "shop-prodcts");
        var json = await RunAsync(env, "purge", "--policy", "nope", "--policy", "clients", "--json");
        var dry = await RunAsync(env, "purge", "--policy", "nope", "--dry-run", "--json");
        var known = await RunAsync(env, "purge", "--policy", "clients", "--json");

        Assert.Equal((0, 0, 0, 0), (text.Exit, json.Exit, dry.Exit, known.Exit));
        Assert.Matches("^cleared at epoch [0-9]+; applied on a\nraised policies shop-prodcts\n$", text.Output);
        Assert.Equal("cachegateway: warning: policy \"shop-prodcts\" is none of this gateway's, and nothing of it is stored here; did you mean \"shop-products\"?\n", text.Error);
        Assert.Equal("policy \"nope\" is none of this gateway's, and nothing of it is stored here", Assert.Single(json.Json().GetProperty("warnings").EnumerateArray()).GetString());
        Assert.Equal(1, dry.Json().GetProperty("warnings").GetArrayLength());
        Assert.False(known.Json().TryGetProperty("warnings", out _));
    }

    [Fact]
    public async Task Bench_OfAPolicyThatThereIsNot_SaysWhichThereAre()
    {
        await using var env = await StartAsync();

        var far = await RunAsync(env, "bench", "nope", "--url", "/clients");
        var near = await RunAsync(env, "bench", "client");

        Assert.Equal((2, ""), (far.Exit, far.Output));
        Assert.Equal("cachegateway: Nothing was measured: there is no policy \"nope\"; there are clients, shop-products\n", far.Error);
        Assert.Equal("cachegateway: Nothing was measured: there is no policy \"client\"; did you mean \"clients\"? There are clients, shop-products\n", near.Error);
    }

    [Theory]
    [InlineData("/clients", "policy \"clients\" takes it; name a path of \"shop-products\", or compare \"clients\"")]
    [InlineData("/nobody", "no policy takes it; name a path of \"shop-products\"")]
    public async Task Bench_OfAUrlThatIsNoneOfThePolicy_SaysWhoseItIs(string url, string expected)
    {
        await using var env = await StartAsync();

        var run = await RunAsync(env, "bench", "shop-products", "--url", url);

        Assert.Equal((2, ""), (run.Exit, run.Output));
        Assert.Equal($"cachegateway: Nothing was measured: {url} is none of policy \"shop-products\": {expected}\n", run.Error);
        Assert.Empty(env.Origin.Log);
    }

    [Fact]
    public async Task Warm_OfAPolicyThatThereIsNot_NamesTheNearestFirst_AndCountsTheRest()
    {
        var policies = string.Join(", ", Enumerable.Range(1, 35).Select(i => $$"""
            "{{(i == 35 ? "shop-products" : $"a{i}")}}": { "match": { "path": "/{{i}}" }, "ttl": "1m" }
            """));
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = $$"""{ "policies": { {{policies}} } }""" });

        var run = await RunAsync(env, "warm", "--policy", "products");

        Assert.Equal(2, run.Exit);
        Assert.Matches("there is no policy \"products\"; there are shop-products, a[0-9]+, .* and 25 more\n$", run.Error);
    }

    [Theory]
    [InlineData("top")]
    [InlineData("purge", "--all")]
    public async Task PublicAddress_IsToldFromTheAdminAddress(params string[] arguments)
    {
        await using var env = await StartAsync();
        var address = env.Address.GetLeftPart(UriPartial.Authority);
        env.Origin.On(null, "*", _ => Reply.Of(404, """{"title":"Not Found","status":404}"""));

        var run = await CliProcess.RunAsync([.. arguments, "--admin", address]);

        Assert.Equal((1, ""), (run.Exit, run.Output));
        Assert.Equal($"cachegateway: no admin API at {address}; is it the public address? --admin names one of the gateway's --admin-urls\n", run.Error);
    }

    private static Task<CliProcess> RunAsync(GatewayEnvironment env, params string[] arguments) =>
        CliProcess.RunAsync([.. arguments, "--admin", env.Addresses[^1].GetLeftPart(UriPartial.Authority)]);

    private static async Task<GatewayEnvironment> StartAsync()
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = Policies });
        env.Origin.On(null, "*", request => Reply.Ok(request.Target));
        return env;
    }
}
