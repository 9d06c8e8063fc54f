using CacheGateway.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>Report, audit, live events, benchmark, memory pressure.</summary>
public sealed class OperationTests
{
    private const string Fresh = "Cache-Control: max-age=6000";

    [Fact]
    public async Task Audit_TellsWhoAndWhy_NewestFirst_InPages()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            (await env.InvalidateAsync(new { tags = new[] { $"t{i}" }, reason = $"because {i}" })).Dispose();
        }

        var page = await env.JsonAsync("audit?limit=2");
        Assert.Equal(["because 2", "because 1"], page.GetProperty("entries").EnumerateArray().Select(entry => entry.Text("why")));
        var rest = await env.JsonAsync($"audit?limit=2&before={page.Text("next")}");
        Assert.Equal(["because 0"], rest.GetProperty("entries").EnumerateArray().Select(entry => entry.Text("why")));
    }

    [Fact]
    public async Task LiveEvents_TellOfAnInvalidation()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await RawClient.ConnectAsync(env.Addresses[^1]);
        await client.SendAsync("GET", "/api/v2/cache/events", []);
        var (_, headers) = await client.ReadHeadAsync();
        Assert.Contains(headers, line => line.StartsWith("Content-Type: text/event-stream", StringComparison.Ordinal));

        await env.InvalidateAsync("products");

        var seen = "";
        while (!seen.Contains("\"tags\":[\"products\"]", StringComparison.Ordinal))
        {
            seen += await Deadline.Within(client.Reader.ReadLineAsync(), "the event") ?? throw new EndOfStreamException(seen);
        }
    }

    [Fact]
    public async Task LiveEvents_AreForSoManyListenersAndNoMore()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var clients = new List<RawClient>();
        for (var i = 0; i < 33; i++)
        {
            var client = await RawClient.ConnectAsync(env.Addresses[^1]);
            clients.Add(client);
            await client.SendAsync("GET", "/api/v2/cache/events", []);
            var (status, _) = await client.ReadHeadAsync();
            Assert.Contains(i < 32 ? "200" : "503", status);
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Benchmark_ComparesAUrlThroughTheGatewayWithTheOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Fresh));

        var answer = await env.PostJsonAsync("benchmark/transparent", new { url = "/x", requests = 5 });

        Assert.Equal((5, 5), (answer.Number("requests"), answer.Number("hits")));
        Assert.Equal(6, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("http://169.254.169.254/")]
    [InlineData("//evil.test/")]
    [InlineData("/\\evil.test")]
    [InlineData("/x\r\nHost: evil")]
    public async Task Benchmark_NeverAsksAnotherHost(string url)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.PostAdminAsync("/api/v2/cache/benchmark/transparent", System.Text.Json.JsonSerializer.Serialize(new { url }));

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Equal(0, env.Origin.Requests("*"));
    }

    [Fact]
    public async Task Report_ComparesAPeriodWithTheOneBefore_AndSaysWhatWouldHelp()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/good", Reply.Ok("x", Fresh));
        env.Origin.Get("/private", Reply.Ok("x", "Cache-Control: private"));
        await env.GetAsync("/good");
        await env.GetAsync("/good");
        await env.UntilRequestsAsync(2);
        env.Time.AdvanceSeconds(60);
        await env.GetAsync("/private");
        await env.GetAsync("/private");
        await env.UntilRequestsAsync(4);
        env.Time.AdvanceSeconds(5);

        await env.UntilTotalAsync(total => total.Number("requests") == 2, "?window=60");
        var report = await env.JsonAsync("performance-report?period=60");
        var total = report.GetProperty("total");
        Assert.Equal((2, 2), (total.GetProperty("now").Number("requests"), total.GetProperty("before").Number("requests")));
        Assert.Equal(-50, total.GetProperty("hitRatioChange").GetDouble());
        Assert.Contains(report.GetProperty("recommendations").EnumerateArray(), one => one.Text("cause") == "response-private");
    }

    [Fact]
    public async Task MemoryPressure_GivesBack_AndTakesAgainWhenThereIsRoom()
    {
        var used = 50L;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { MemoryBytes = 400_000 },
            Configure = builder => builder.Services.AddSingleton(new ProcessMemory(() => (Volatile.Read(ref used), 100))),
        });
        env.Origin.Get("/p/*", Reply.Ok(new string('x', 10_000), Fresh));
        for (var i = 0; i < 20; i++)
        {
            await env.GetAsync($"/p/{i}");
        }

        var before = await env.MetricAsync("cachegateway_memory_bytes");
        Volatile.Write(ref used, 95);
        env.Time.AdvanceSeconds(1);

        await env.UntilMetric("cachegateway_memory_bytes", bytes => bytes <= before * 3 / 4);
        Assert.True((await env.JsonAsync("health")).GetProperty("memory").GetProperty("isUnderPressure").GetBoolean());
        Assert.True(await env.MetricAsync("cachegateway_memory_pruned_bytes_total") > 0);

        Volatile.Write(ref used, 50);
        await Deadline.Until(
            async () =>
            {
                env.Time.AdvanceSeconds(1);
                return !(await env.JsonAsync("health")).GetProperty("memory").GetProperty("isUnderPressure").GetBoolean();
            },
            "the budget to return");
    }

    [Fact]
    public async Task OpenApi_DescribesTheWholeApi_AndNothingOfThePublicSide()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var paths = (await env.JsonAsync("openapi.json")).GetProperty("paths").EnumerateObject().Select(path => path.Name).ToArray();

        Assert.Superset(
            new HashSet<string>(["health", "metrics", "performance-report", "entries", "tags/{tag}", "top", "heatmap", "explain", "invalidate", "benchmark/{policy}", "policies", "audit", "events", "alerts"])
                .Select(name => "/api/v2/cache/" + name).ToHashSet(),
            paths.ToHashSet());
        Assert.All(paths, path => Assert.True(path is "/healthz" or "/readyz" or "/metrics" || path.StartsWith("/api/v2/cache/", StringComparison.Ordinal), path));
    }

    [Fact]
    public async Task QueriesSaved_AreThoseTheBackendSaysItSpends()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Fresh, "Server-Timing: db;dur=5.2;desc=\"3 queries\", delay;dur=1"));
        for (var i = 0; i < 5; i++)
        {
            await env.GetAsync("/x");
        }

        var total = await env.UntilTotalAsync(total => total.Number("requests") == 5);
        Assert.Equal(4 * 3, total.Number("queriesSaved"));
    }

    [Fact]
    public async Task Refresh_ThatFindsAnotherBody_SaysHowLongAnswersWereWrong()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var version = 1;
        env.Origin.Get("/x", _ => Reply.Ok($"v{version}", "Cache-Control: max-age=30"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(20);
        version = 2;
        env.Time.AdvanceSeconds(20);
        await env.GetAsync("/x");

        await env.UntilMetric("cachegateway_staleness_most_seconds_count", count => count == 1);
        Assert.Equal(30, await env.MetricAsync("cachegateway_staleness_most_seconds_sum"));
    }

    [Fact]
    public async Task PrometheusText_ParsesBack_WithTheFrameworksOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Fresh));
        using (await env.AdminAsync("/metrics"))
        {
            // From the first reading on, what the framework measures is collected.
        }

        await env.GetAsync("/x");
        await env.GetAsync("/x");
        await env.UntilMetric("cachegateway_request_duration_seconds_count", count => count == 2);
        await env.UntilMetric("http_server_request_duration_seconds_count", count => count >= 2);
        using var answer = await env.AdminAsync("/metrics");
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var types = lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToDictionary(parts => parts[2], parts => parts[3]);
        foreach (var line in lines.Where(line => line[0] != '#'))
        {
            var match = System.Text.RegularExpressions.Regex.Match(line, "^([a-z_][a-z0-9_]*)(\\{([a-z_][a-z0-9_]*=\"(\\\\.|[^\"\\\\])*\",?)*\\})? (\\S+)$");
            Assert.True(match.Success, line);
            Assert.True(double.TryParse(match.Groups[5].Value.Replace("+Inf", "Infinity"), System.Globalization.CultureInfo.InvariantCulture, out _), line);
            Assert.True(types.ContainsKey(match.Groups[1].Value) || types.ContainsKey(System.Text.RegularExpressions.Regex.Replace(match.Groups[1].Value, "_(bucket|sum|count)$", "")), line);
        }

        Assert.Superset(new HashSet<string>(["kestrel_active_connections", "http_client_open_connections", "dotnet_gc_collections_total", "yarp_requests_started"]), types.Keys.ToHashSet());
        Assert.All(
            lines.Where(line => line.StartsWith("cachegateway_request_duration_seconds_bucket", StringComparison.Ordinal) && line.Contains("+Inf", StringComparison.Ordinal)),
            line => Assert.Contains(line.Replace("_bucket", "_count").Replace(",le=\"+Inf\"", ""), lines));
    }
}
