using CacheGateway.FunctionalTests.Promises;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>A policy file that is broken while the gateway runs.</summary>
public sealed class ConfigurationTests
{
    /// <summary>For longer than the clock may be moved until a large file is read.</summary>
    private const string Good = """{ "policies": { "all": { "ttl": "1d" } } }""";

    [Theory]
    [Fault("F-45", "A broken policy file on reload (no JSON, unknown member, impossible value, empty, far too large): the last good one stays whole, and it is counted")]
    [InlineData("{ not json")]
    [InlineData("""{ "policies": { "all": { "tttl": "60s" } } }""")]
    [InlineData("""{ "policies": { "all": { "ttl": "-60s" } } }""")]
    [InlineData("")]
    [InlineData("large")]
    public async Task BrokenReload_TheLastGoodOneStays(string broken)
    {
        await using var env = await GatewayEnvironment.StartAsync(Good);
        env.Origin.Get("/x", Reply.Ok("x"));
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(broken == "large" ? new string(' ', 9 * 1024 * 1024) + Good : broken);

        CacheAssert.Hit(await env.GetAsync("/x"));
        await env.ChangePoliciesAsync("""{ "policies": { "all": { "ttl": "2d" } } }""");
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    [Fact]
    [Fault("F-45", "The same broken file at start: exit code 2 and a line that says where and what")]
    public async Task BrokenAtStart_IsSaid()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{ "policies": { "all": { "tttl": "60s" } } }""");
        await using var gateway = GatewayProcess.Launch(new Uri("http://127.0.0.1:1"), ["--policies", file]);

        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Contains(gateway.Lines, line => line.Contains("tttl", StringComparison.Ordinal));
        File.Delete(file);
    }

    [Fact]
    [Fault("F-45", "The file of routes is removed, emptied, broken, replaced by something else or by routes that lead nowhere while the gateway runs: the last good one stays whole, health warns, and the next good one is taken")]
    public async Task RoutesGoneOnReload_TheLastGoodOnesStay()
    {
        var address = "";
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Configuration = origin => Routes(address = origin, "/a/{**rest}") });
        env.Origin.Get("/*", Reply.Ok("x", "Cache-Control: no-store"));
        Assert.Equal((200, 404), ((await env.GetAsync("/a/1")).Status, (await env.GetAsync("/b/1")).Status));

        var noCluster = Routes(address, "/b/{**rest}").Replace("\"ClusterId\": \"c\"", "\"ClusterId\": \"x\"", StringComparison.Ordinal);
        (string? Json, string Warning)[] changes =
        [
            (null, "does not exist"), ("{}", "no routes"), (noCluster, "no cluster"), (Routes("127.0.0.1:1", "/b/{**rest}"), "absolute"), ("", "JSON"), ("{ \"ReverseProxy\": ", "JSON"),
            ("[]", "object"), (Routes(address, "/{**path"), "path"), (Routes(address, "/b/{**rest}").Replace("\"ClusterId\"", "\"Order\": \"first\", \"ClusterId\"", StringComparison.Ordinal), "first"),
            (Routes(address, "/b/{**rest}").TrimEnd()[..^1] + """, "Logging": { "LogLevel": { "Default": "Info" } } }""", "Information"),
            (null, "does not exist"),
        ];
        foreach (var (json, warning) in changes)
        {
            await env.ChangeConfigurationAsync(json, warning);
            Assert.Equal(200, (await env.GetAsync("/a/1")).Status);
        }

        await env.ChangeConfigurationAsync(Routes(address, "/b/{**rest}"), "");
        await Deadline.Until(async () => (await env.GetAsync("/b/1")).Status == 200, "the changed routes");
        Assert.Equal(1, await env.MetricAsync("cachegateway_config_reloads_total{file=\"config\",result=\"taken\"}"));
        Assert.True(await env.MetricAsync("cachegateway_config_reloads_total{file=\"config\",result=\"refused\"}") > 0);
        Assert.Equal(404, (await env.GetAsync("/a/1")).Status);
    }

    /// <summary>Settings and certificates are read at the start alone: whoever changes them learns which wait, and never what stands there.</summary>
    [Fact]
    public async Task SettingsChangedWhileItRuns_AreSaidToWait()
    {
        using var log = new KeptLog();
        var address = "";
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => With(Routes(address = origin, "/a/{**rest}"), """ "CacheGateway": { "Memory": "64MB", "Drain": "1s" } """),
            Configure = builder => builder.Logging.AddProvider(log),
        });

        await env.ChangeConfigurationAsync(With(Routes(address, "/b/{**rest}"), """ "CacheGateway": { "Memory": "64MB", "AdminToken": "a-token-that-nobody-guesses" }, "Kestrel": { "Certificates": { "Default": { "Path": "x.pfx" } } } """), "");
        await Deadline.Until(() => Task.FromResult(Waiting().Count == 1), "the log tells");
        await env.ChangeConfigurationAsync(With(Routes(address, "/c/{**rest}"), """ "CacheGateway": { "Memory": "64MB", "Drain": "1s" } """), "");
        await env.UntilMetric("cachegateway_config_reloads_total{file=\"config\",result=\"taken\"}", count => count == 2);

        Assert.Equal(
            "The configuration file was changed where it is read at the start alone; until the next one these stay as they were: CacheGateway:AdminToken, CacheGateway:Drain, Kestrel:Certificates:Default:Path",
            Assert.Single(Waiting()));

        List<string> Waiting() => [.. log.Lines.Where(line => line.Contains("at the start alone", StringComparison.Ordinal))];
        static string With(string routes, string more) => $"{routes.TrimEnd()[..^1]}, {more} }}";
    }

    /// <summary>Told as taken, it would have no effect, and end the next start.</summary>
    [Theory]
    [Fault("F-45", "A file beside --origin is given routes, or a level of the log that there is none: refused, and the last good one stays whole")]
    [InlineData("routes", "--origin")]
    [InlineData("""{ "Logging": { "LogLevel": { "Default": "Infomation" } } }""", "Infomation")]
    public async Task ChangeBesideOrigin_ThatWouldEndAStart_IsRefused(string change, string warning)
    {
        var address = "";
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => $$"""{ "description": "{{address = origin}}" }""",
            Settings = settings => settings with { Origin = address },
        });
        env.Origin.Get("/*", Reply.Ok("x"));

        await env.ChangeConfigurationAsync(change == "routes" ? Routes(address, "/b/{**rest}") : change, warning);

        Assert.Equal(200, (await env.GetAsync("/a/1")).Status);
        Assert.Equal(0, await env.MetricAsync("cachegateway_config_reloads_total{file=\"config\",result=\"taken\"}"));
        Assert.Equal(1, await env.MetricAsync("cachegateway_config_reloads_total{file=\"config\",result=\"refused\"}"));
        await env.ChangeConfigurationAsync("""{ "Logging": { "LogLevel": { "Default": "Information" } } }""", "");
        Assert.Equal(1, await env.MetricAsync("cachegateway_config_reloads_total{file=\"config\",result=\"taken\"}"));
    }

    /// <summary>How Kubernetes changes a ConfigMap: the file stays a symlink through a folder, and that is swapped.</summary>
    [Fact]
    public async Task RoutesChangedBehindASymlink_AreTaken()
    {
        var address = "";
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Configuration = origin => Routes(address = origin, "/a/{**rest}") });
        env.Origin.Get("/*", Reply.Ok("x", "Cache-Control: no-store"));
        var file = env.ConfigurationPath;
        var folder = Path.GetDirectoryName(file)!;
        foreach (var version in new[] { "1", "2" })
        {
            Directory.CreateDirectory(Path.Combine(folder, version));
            await File.WriteAllTextAsync(Path.Combine(folder, version, "routes"), Routes(address, version == "1" ? "/b/{**rest}" : "/c/{**rest}"));
        }

        var data = Path.Combine(folder, "..data");
        Directory.CreateSymbolicLink(data, "1");
        File.Delete(file);
        File.CreateSymbolicLink(file, "..data/routes");
        await Deadline.Until(async () => (await env.GetAsync("/b/1")).Status == 200, "the routes behind the symlink");

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "2");

        await Deadline.Until(async () => (await env.GetAsync("/c/1")).Status == 200, "the routes behind the swapped symlink");
    }

    [Fact]
    [Fault("F-46", "A hundred reloads under load, good and broken in turn: no request fails, and what is stored stays")]
    public async Task ManyReloads_UnderLoad_NoRequestFails()
    {
        await using var env = await GatewayEnvironment.StartAsync(Good);
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        await env.GetAsync("/x");
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            await using var client = await env.ConnectAsync();
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal(200, (await client.GetAsync("/x")).Status);
            }
        });

        for (var i = 1; i <= 40; i++)
        {
            await env.ChangePoliciesAsync(i % 2 == 0 ? $$"""{ "policies": { "all": { "ttl": "{{60 + i}}s" } } }""" : $"broken {i}");
        }

        await stop.CancelAsync();
        await load;
    }

    private static string Routes(string origin, string path) => $$"""
        { "ReverseProxy": {
            "Routes": { "r": { "ClusterId": "c", "Match": { "Path": "{{path}}" } } },
            "Clusters": { "c": { "Destinations": { "d": { "Address": "{{origin}}" } } } } } }
        """;
}
