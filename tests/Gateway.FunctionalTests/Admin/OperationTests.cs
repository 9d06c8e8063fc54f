using System.Text.Json;
using CacheGateway.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>Report, audit, benchmark, costly requests, memory pressure.</summary>
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

        var page = await env.JsonAsync("audit?limit=2&before=");
        Assert.Equal(["because 2", "because 1"], page.GetProperty("entries").EnumerateArray().Select(entry => entry.Text("why")));
        var rest = await env.JsonAsync($"audit?limit=2&before={page.Text("next")}");
        Assert.Equal(["because 0"], rest.GetProperty("entries").EnumerateArray().Select(entry => entry.Text("why")));
    }

    [Fact]
    [Attack("F12", "Lists that give secrets away")]
    public async Task Audit_HidesWhatWritersHadInTheirUrls()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("POST", "/x", _ => Reply.Ok("done"));
        await env.SendAsync("POST", "/x?token=SECRET", "x");

        var entry = (await env.JsonAsync("audit")).GetProperty("entries")[0];

        Assert.Equal("UnsafeMethod", entry.Text("source"));
        Assert.Contains("/x?token=", entry.GetProperty("what").GetProperty("u")[0].GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", entry.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [Attack("F12", "Lists that give secrets away")]
    [InlineData("/reset/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.SECRET", "/reset/…")]
    [InlineData("/users/SECRET@example.org", "/users/…")]
    public async Task Preview_HidesWhatIsNoNameInAPath(string path, string shown)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("*", Reply.Ok("x", Fresh));
        await env.GetAsync(path);

        var preview = await env.PostJsonAsync("invalidate", new { all = true, dryRun = true });
        using var page = await env.AdminAsync("/purge?kind=all&name=");

        Assert.Equal([env.Address.Authority + shown], preview.GetProperty("examples").EnumerateArray().Select(one => one.GetString()));
        Assert.DoesNotContain("SECRET", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Whoever asks much of the admin listener waits in line and is then refused; clients of the cache notice nothing.</summary>
    [Fact]
    public async Task CostlyRequests_BeyondTheLine_AreRefused_AndServedAgainAfter()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Fresh));
        await env.GetAsync("/x");
        var held = new List<RawClient>();
        var answers = new List<Task<RawResponse>>();
        for (var i = 0; i <= CacheGateway.Admin.CostlyPlaces.MostRunning + CacheGateway.Admin.CostlyPlaces.MostWaiting; i++)
        {
            // Each is at work or in line as long as its body is awaited, and one is too many.
            var client = await RawClient.ConnectAsync(env.Addresses[^1]);
            await client.SendAsync("POST /api/v2/cache/explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n");
            held.Add(client);
            answers.Add(client.ReadAsync());
        }

        var refused = await await Deadline.Within(Task.WhenAny(answers), "a refusal");
        Assert.Equal((503, "application/problem+json"), (refused.Status, refused.Header("Content-Type")));
        Assert.NotNull(refused.Header("Retry-After"));
        foreach (var path in (string[])["/api/v2/cache/entries", "/api/v2/cache/heatmap", "/heatmap", "/top"])
        {
            using var costly = await env.AdminAsync(path);
            Assert.Equal(503, (int)costly.StatusCode);
        }

        // The preview that a form without its confirmation is answered with looks through it, too; one that is confirmed is never refused.
        Assert.Equal(503, await PurgeAsync("kind=all"));
        Assert.Equal(303, await PurgeAsync("kind=tag&name=nobodys&confirm=on"));
        async Task<int> PurgeAsync(string form)
        {
            await using var client = await RawClient.ConnectAsync(env.Addresses[^1]);
            await client.SendAsync("POST", "/purge", [$"Origin: {env.Addresses[^1].GetLeftPart(UriPartial.Authority)}", "Content-Type: application/x-www-form-urlencoded"], form);
            return (await client.ReadAsync("POST")).Status;
        }

        using (var cheap = await env.AdminAsync("/api/v2/cache/metrics"))
        {
            Assert.Equal(200, (int)cheap.StatusCode);
        }

        CacheAssert.Hit(await env.GetAsync("/x"));
        foreach (var client in held)
        {
            await client.DisposeAsync();
        }

        await Deadline.Until(
            async () =>
            {
                using var answer = await env.AdminAsync("/api/v2/cache/entries");
                return (int)answer.StatusCode == 200;
            },
            "the line to be empty");
    }

    [Theory]
    [InlineData("{\"tags\":[null]}")]
    [InlineData("{\"urls\":[null]}")]
    [InlineData("{\"prefixes\":[\"http://\"]}")]
    [InlineData("{\"policies\":[null]}")]
    public async Task Invalidation_OfWhatIsNoName_IsRefused(string body)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.PostAdminAsync("/api/v2/cache/invalidate", body);

        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Benchmark_ComparesAUrlThroughTheGatewayWithTheOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Fresh));

        var answer = await env.PostJsonAsync("benchmark/transparent", new { url = "/x", requests = 5 });

        Assert.Equal((5, 5), (answer.Number("requests"), answer.Number("hits")));
        // Both ways are gone once beforehand.
        Assert.Equal(7, env.Origin.Requests("/x"));
    }

    /// <summary>A hit of a cache behind the gateway is none of its own.</summary>
    [Fact]
    public async Task Benchmark_CountsTheGatewaysOwnHits()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store", "Cache-Status: cdn.example; hit; ttl=9"));

        var answer = await env.PostJsonAsync("benchmark/transparent", new { url = "/x", requests = 3 });

        Assert.Equal((3, 0), (answer.Number("requests"), answer.Number("hits")));
    }

    /// <summary>A refusal is fast, and no success of the cache.</summary>
    [Fact]
    public async Task Benchmark_OfWhatIsNoSuccess_SaysSo()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Of(404, "no"));

        using var answer = await env.PostAdminAsync("/api/v2/cache/benchmark/transparent", JsonSerializer.Serialize(new { url = "/x" }));

        Assert.Contains("404 through the gateway and 404 straight", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>The quantile of the last minute is not that of a minute of yesterday.</summary>
    [Fact]
    public async Task Quantile_WithoutRequestsInItsMinute_IsNotThere()
    {
        const string Name = "cachegateway_request_duration_quantile_seconds";
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Fresh));
        await env.GetAsync("/x");
        await env.UntilRequestsAsync(1);
        await env.EndSlotAsync();
        Assert.Contains(Name + "{", await TextAsync(), StringComparison.Ordinal);

        await env.EndSlotsAsync(30);

        Assert.DoesNotContain(Name + "{", await TextAsync(), StringComparison.Ordinal);

        async Task<string> TextAsync()
        {
            using var answer = await env.AdminAsync("/metrics");
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Theory]
    [InlineData("http://169.254.169.254/")]
    [InlineData("//evil.test/")]
    [InlineData("/\\evil.test")]
    [InlineData("/x\r\nHost: evil")]
    public async Task Benchmark_NeverAsksAnotherHost(string url)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.PostAdminAsync("/api/v2/cache/benchmark/transparent", JsonSerializer.Serialize(new { url }));

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
        await env.EndSlotsAsync(12);
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

    /// <summary>What the table leaves out of a policy stands in its section.</summary>
    [Fact]
    public async Task Policies_AreListedWithTheirSectionsAsTheyAreWritten()
    {
        const string Section = """{"match":{"path":["/x","/y"],"query":{"a":"*"}},"ttl":"1m","key":{"query":{"ignore":["utm_*"]}},"invalidates":["x"],"statuses":{"404":"5s"}}""";
        await using var written = await GatewayEnvironment.StartAsync($$"""{ "policies": { "mine": {{Section}} } }""");
        await using var builtIn = await GatewayEnvironment.StartAsync();

        var policies = (await written.JsonAsync("policies")).GetProperty("policies").EnumerateArray().ToList();

        Assert.Equal(2, policies.Count);
        Assert.All(policies, policy => Assert.Equal(Section, policy.GetProperty("written").GetRawText()));
        Assert.Equal(JsonValueKind.Null, (await builtIn.JsonAsync("policies")).GetProperty("policies")[0].GetProperty("written").ValueKind);
    }

    /// <summary>Rounded up, a column may reach beyond what short slots are kept for: then it is one of long ones, and says so.</summary>
    [Theory]
    [InlineData(30, 60, 30)]
    [InlineData(31, 50, 35)]
    [InlineData(31, 58, 300)]
    [InlineData(301, 2, 305)]
    [InlineData(301, 48, 600)]
    public async Task HeatMap_ColumnsAreAsLongAsTheySay(int step, int points, int seconds)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        Assert.Equal(seconds, (await env.JsonAsync($"heatmap?step={step}&points={points}")).GetProperty("stepSeconds").GetDouble());
    }

    [Theory]
    [InlineData("metrics", "window", "NaN")]
    [InlineData("metrics", "window", "Infinity")]
    [InlineData("performance-report", "period", "NaN")]
    [InlineData("performance-report", "period", "-Infinity")]
    [InlineData("heatmap", "step", "NaN")]
    [InlineData("heatmap", "step", "1e999")]
    public async Task NumbersThatAreNone_AreRefusedAsAProblem(string path, string name, string number)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.AdminAsync($"/api/v2/cache/{path}?{name}={number}");

        Assert.Equal((400, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains($"{name} must be a number of seconds", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
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
        await env.UntilMetric("cachegateway_memory_pruned_bytes_total", bytes => bytes > 0);

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
