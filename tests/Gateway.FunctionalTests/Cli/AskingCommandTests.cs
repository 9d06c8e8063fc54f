using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CacheGateway.FunctionalTests.Admin;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>explain, report and bench as processes: what they print is what the admin API says.</summary>
public sealed partial class AskingCommandTests
{
    private const string Policies = """
        { "policies": {
          "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p", "p:{id}"] },
          "off": { "match": { "path": "/off" }, "ttl": "1m", "enabled": false }
        } }
        """;

    [Fact]
    public async Task Explain_ShowsEachStepTheKeyAndWhatIsStored()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1?note=SECRET");
        await env.GetAsync("/p/1?note=SECRET");
        await env.UntilHitsAsync("/p/1", 1);
        env.Time.AdvanceSeconds(7);

        var run = await CliProcess.RunAtAsync(env, "explain", "/p/1?note=SECRET");
        var answer = await env.PostJsonAsync("explain", new { url = "/p/1?note=SECRET" });

        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal("hit", answer.Text("outcome"));
        Assert.StartsWith($"GET {answer.Text("url")}\nhit, fresh: {answer.Text("meaning")} (RFC 9111 4.2)\n", run.Output, StringComparison.Ordinal);
        Assert.All(answer.GetProperty("steps").EnumerateArray(), step => Assert.Equal([step.Text("name")!, step.Text("result")!, step.Text("detail")!], Row(run, step.Text("name")!)));
        Assert.All(answer.GetProperty("key").GetProperty("parts").EnumerateObject(), part => Assert.Contains([part.Name, part.Value.GetString()!], Rows(run)));
        var entry = answer.GetProperty("stored")[0].GetProperty("entry");
        Assert.Equal((7, 593, 1), ((int)Number(entry, "ageSeconds"), (int)Number(entry, "ttlSeconds"), (int)Number(entry, "hits")));
        Assert.Equal(["* fresh", "200", "7", "593", "1"], Row(run, "* fresh")[..5]);
        Assert.DoesNotContain("SECRET", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/off")]
    [InlineData("/p/1", "--method", "HEAD", "-H", "Authorization: Bearer x", "-H", "Accept-Language: de")]
    [InlineData("/p/1", "--status", "404", "--response-header", "Cache-Control: private", "--response-header", "Vary: Accept")]
    [InlineData("/nobody")]
    public async Task Explain_AsJson_IsTheGatewaysAnswer(params string[] arguments)
    {
        await using var env = await StartAsync();

        var json = await CliProcess.RunAtAsync(env, ["explain", .. arguments, "--json"]);
        var headers = Fields(arguments, "-H");
        var given = Fields(arguments, "--response-header");
        var answer = await env.PostJsonAsync("explain", new
        {
            url = arguments[0],
            method = arguments.Contains("--method") ? "HEAD" : null,
            headers,
            response = given.Count > 0 ? new { status = 404, headers = given } : null,
        });

        Assert.Equal((0, ""), (json.Exit, json.Error));
        AssertSame(answer, json.Json());
        Assert.Empty(env.Origin.Log);
    }

    [Fact]
    public async Task Explain_ShowsTheChangeWithItsLine_AndWhyNoneWouldDo()
    {
        await using var env = await StartAsync();

        var off = await CliProcess.RunAtAsync(env, "explain", "/off");
        var forbidden = await CliProcess.RunAtAsync(env, "explain", "/p/1", "--response-header", "Cache-Control: private");

        Assert.Contains("pass, policy-off: ", off.Output, StringComparison.Ordinal);
        Assert.Contains("would help, in policy \"off\" (line 3): { \"enabled\": true }\n", off.Output, StringComparison.Ordinal);
        Assert.Contains("origin's answer (given): 200, not stored, response-private\n", forbidden.Output, StringComparison.Ordinal);
        Assert.Contains("must not be cached: ", forbidden.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_ShowsTheNumbersOfTheApi()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/p/private", Reply.Ok("x", "Cache-Control: private", "Server-Timing: db;desc=\"2 queries\""));
        env.Origin.Get("/p/1", Reply.Ok("x", "Server-Timing: db;desc=\"4 queries\""));
        foreach (var target in (string[])["/p/1", "/p/1", "/p/1", "/p/private"])
        {
            await env.GetAsync(target);
        }

        await env.UntilRequestsAsync(4);
        await env.EndSlotsAsync(12);
        foreach (var target in (string[])["/p/1", "/p/private", "/p/private", "/off"])
        {
            await env.GetAsync(target);
        }

        await env.UntilRequestsAsync(8);
        env.Time.AdvanceSeconds(5);
        await env.UntilTotalAsync(total => total.Number("requests") == 4, "?window=60");

        var text = await CliProcess.RunAtAsync(env, "report", "--period", "1m");
        var json = await CliProcess.RunAtAsync(env, "report", "--period", "60s", "--json");
        var report = await env.JsonAsync("performance-report?period=60");

        Assert.Equal((0, "", 0), (text.Exit, text.Error, json.Exit));
        AssertSame(report, json.Json());
        Assert.Equal((4, 4), (report.GetProperty("total").GetProperty("now").Number("requests"), report.GetProperty("total").GetProperty("before").Number("requests")));
        Assert.StartsWith("node a, the last 60 s beside those before\n", text.Output, StringComparison.Ordinal);
        Assert.All(report.GetProperty("policies").EnumerateArray().Append(report.GetProperty("total")), row => AssertShows(Row(text, row.Text("policy")!), row));
        var advice = report.GetProperty("recommendations").EnumerateArray().ToArray();
        Assert.NotEmpty(advice);
        Assert.All(advice, one => Assert.Contains(
            [one.Text("policy")!, one.Text("cause")!, string.Create(CultureInfo.InvariantCulture, $"{Number(one, "share") * 100:0.0} %"), one.Text("what")!, one.Text("advice")!], Rows(text)));
    }

    [Fact]
    public async Task Bench_MeasuresTheRouteOnBothSides()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1?x=1");

        var text = await CliProcess.RunAtAsync(env, "bench", "p", "--requests", "4");
        Assert.Equal(1 + 1 + 4, env.Origin.Requests("/p/1?x=1"));
        var json = await CliProcess.RunAtAsync(env, "bench", "p", "--url", "/p/2", "--requests", "3", "--json");
        Assert.Equal(1 + 1 + 3, env.Origin.Requests("/p/2"));

        Assert.Equal((0, "", 0), (text.Exit, text.Error, json.Exit));
        Assert.StartsWith($"p: {env.Address}p/1?x=…, 4 requests on each side, 4 hits\n", text.Output, StringComparison.Ordinal);
        Assert.All(Row(text, "without the cache")[1..].Concat(Row(text, "with it")[1..]), cell => Assert.True(double.Parse(cell, CultureInfo.InvariantCulture) >= 0));
        Assert.Matches("\n[0-9]+\\.[0-9] % (faster|slower)\n", text.Output);
        var answer = json.Json();
        Assert.Equal(("p", 3, 3), (answer.Text("policy"), (int)answer.Number("requests"), (int)answer.Number("hits")));
        Assert.Equal((1 - (Number(answer, "cachedP50Ms") / Number(answer, "originP50Ms"))) * 100, Number(answer, "improvementPercent"), 6);
    }

    [Fact]
    public async Task Bench_WithoutHits_SaysWhatHappened()
    {
        await using var env = await StartAsync();

        var run = await CliProcess.RunAtAsync(env, "bench", "off", "--url", "/off", "--requests", "2");

        Assert.Equal(0, run.Exit);
        Assert.Contains("0 hits\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("nothing hit: CacheGateway; fwd=bypass", run.Output, StringComparison.Ordinal);
        Assert.Contains("detail=policy-off", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_OfAPolicyThatNobodyAskedFor_FailsInOneLine()
    {
        await using var env = await StartAsync();

        var run = await CliProcess.RunAtAsync(env, "bench", "p");

        Assert.Equal((1, ""), (run.Exit, run.Output));
        Assert.Equal("cachegateway: Nothing was measured: Nothing was asked for under this policy yet: name a path with \"url\"\n", run.Error);
    }

    [GeneratedRegex("  +")]
    private static partial Regex Gap();

    /// <summary>The rows of plain tables, cell by cell.</summary>
    private static IEnumerable<string[]> Rows(CliProcess run) => run.Output.Split('\n').Select(line => Gap().Split(line.Trim()));

    private static string[] Row(CliProcess run, string name) => Rows(run).First(cells => cells[0] == name);

    private static void AssertShows(string[] cells, JsonElement row)
    {
        var (now, before) = (row.GetProperty("now"), row.GetProperty("before"));
        double?[] expected =
        [
            Number(now, "requests"), Number(before, "requests"), Number(now, "hitRatio") * 100, Maybe(row, "hitRatioChange"),
            Latency(now, "cachedMs", "p50"), Latency(now, "cachedMs", "p99"), Latency(now, "uncachedMs", "p50"), Latency(now, "uncachedMs", "p99"),
            Maybe(row, "improvementPercent"), Number(now, "originRequestsSaved"), Maybe(now, "queriesSaved"),
        ];
        Assert.Equal(expected.Length + 1, cells.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (expected[i] is not { } number)
            {
                Assert.Equal("-", cells[i + 1]);
                continue;
            }

            Assert.Equal(number, double.Parse(cells[i + 1].TrimEnd(' ', '%'), CultureInfo.InvariantCulture), 0.0501);
        }
    }

    private static void AssertSame(JsonElement expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(expected, actual), $"{expected.GetRawText()}\n{actual.GetRawText()}");

    private static Dictionary<string, string> Fields(string[] arguments, string option) =>
        arguments.Where((_, i) => i > 0 && arguments[i - 1] == option).Select(line => line.Split(": ")).ToDictionary(parts => parts[0], parts => parts[1]);

    /// <summary>Null where nothing was measured.</summary>
    private static double? Latency(JsonElement now, string name, string quantile) => Number(now.GetProperty(name), "count") > 0 ? Number(now.GetProperty(name), quantile) : null;

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static double? Maybe(JsonElement element, string name) => element.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private static async Task<GatewayEnvironment> StartAsync()
    {
        var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", request => Reply.Ok(request.Target));
        return env;
    }
}
