using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CacheGateway.FunctionalTests.Warming;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>The commands that talk to a running gateway, as processes: what they do to it, their exit codes and what they print.</summary>
public sealed partial class RemoteCommandTests
{
    private const string Policies = """{ "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p", "p:{id}"] } } }""";

    [Fact]
    public async Task Purge_ClearsWhatItNames_AndSaysWhere()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1");
        await env.GetAsync("/p/2");

        var run = await RunAsync(env, "purge", "--tag", "p:1");

        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Matches("^cleared at epoch [0-9]+; applied on a\n$", run.Output);
        CacheAssert.Miss(await env.GetAsync("/p/1"));
        CacheAssert.Hit(await env.GetAsync("/p/2"));
    }

    [Fact]
    public async Task Purge_EveryOption_ReachesTheGateway()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1");

        var dry = await RunAsync(env, "purge", "--all", "--dry-run", "--json");
        CacheAssert.Hit(await env.GetAsync("/p/1"));
        var soft = await RunAsync(env, "purge", "--url", "/p/1", "--soft", "--wait", "local", "--timeout", "500", "--reason", "test", "--json");
        var validated = await env.GetAsync("/p/1");
        var prefix = await RunAsync(env, "purge", "--prefix", "/p/", "--wait", "none");
        var policy = await RunAsync(env, "purge", "--policy", "p");

        Assert.Equal((0, 0, 0, 0), (dry.Exit, soft.Exit, prefix.Exit, policy.Exit));
        Assert.Equal(1, dry.Json().GetProperty("count").GetInt32());
        Assert.Equal("a", soft.Json().GetProperty("applied")[0].GetProperty("node").GetString());
        CacheAssert.Miss(validated);
    }

    /// <summary>A gateway that has met no other one since it began cannot say that there is none.</summary>
    [Theory]
    [InlineData("all", "?")]
    [InlineData("local")]
    [InlineData("none")]
    public async Task Purge_ThatRedisDidNotTake_Fails_AndSaysWhatFollows(string wait, params string[] missing)
    {
        await using var env = await StartAsync(redis: "127.0.0.1:1");

        var text = await RunAsync(env, "purge", "--all", "--wait", wait);
        var json = await RunAsync(env, "purge", "--all", "--wait", wait, "--json");

        Assert.Equal((1, 1), (text.Exit, json.Exit));
        Assert.Contains("NOT DURABLE: Redis did not take it, and other gateways may go on serving", text.Output, StringComparison.Ordinal);
        Assert.Equal(missing, json.Json().GetProperty("missing").EnumerateArray().Select(node => node.GetString()));
    }

    [Fact]
    public async Task Purge_OfMost_NeedsConfirmation()
    {
        await using var env = await StartAsync(confirmAbove: 0.5);
        await env.GetAsync("/p/1");

        var refused = await RunAsync(env, "purge", "--all");
        CacheAssert.Hit(await env.GetAsync("/p/1"));
        var confirmed = await RunAsync(env, "purge", "--all", "--confirm");

        Assert.Equal((1, 0), (refused.Exit, confirmed.Exit));
        Assert.Contains("confirm", refused.Error, StringComparison.Ordinal);
        CacheAssert.Miss(await env.GetAsync("/p/1"));
    }

    [Theory]
    [InlineData("purge")]
    [InlineData("purge", "--wait", "everyone", "--all")]
    [InlineData("purge", "--tag", "not a tag")]
    [InlineData("warm")]
    [InlineData("warm", "http://169.254.169.254/")]
    [InlineData("warm", "/p/1", "--concurrency", "0")]
    [InlineData("warm", "--file", "/does/not/exist")]
    [InlineData("warm", "--file", "")]
    [InlineData("warm", "/p/1", "--rate", "NaN")]
    [InlineData("warm", "/p/1", "--rate", "Infinity")]
    [InlineData("warm", "/p/1", "--token", "with\na line end")]
    [InlineData("warm", "/p/1", "-H", "no field")]
    [InlineData("top", "--limit", "0")]
    [InlineData("explain")]
    [InlineData("explain", "ftp://example.org/")]
    [InlineData("explain", "/p/1", "--method", "get")]
    [InlineData("explain", "/p/1", "-H", "no field")]
    [InlineData("explain", "/p/1", "--status", "99")]
    [InlineData("explain", "/p/1", "--response-header", ": nameless")]
    [InlineData("report", "--period", "soon")]
    [InlineData("report", "--period", "2d")]
    [InlineData("bench")]
    [InlineData("bench", "p", "--requests", "0")]
    [InlineData("bench", "p", "--requests", "101")]
    [InlineData("bench", "p", "--url", "http://169.254.169.254/")]
    public async Task BadUsage_IsExitCode2_AndNothingIsPrinted(params string[] arguments)
    {
        await using var env = await StartAsync();

        var run = await RunAsync(env, arguments);

        Assert.Equal((2, ""), (run.Exit, run.Output));
        Assert.StartsWith("cachegateway: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(env.Origin.Log);
    }

    [Theory]
    [InlineData("purge", "--all")]
    [InlineData("warm", "/p/1")]
    [InlineData("top")]
    [InlineData("explain", "/p/1")]
    [InlineData("report")]
    [InlineData("bench", "p")]
    public async Task GatewayThatIsNotThere_IsOneLine(params string[] arguments)
    {
        var run = await CliProcess.RunAsync([.. arguments, "--admin", "http://127.0.0.1:1"]);

        Assert.Equal((1, ""), (run.Exit, run.Output));
        Assert.Equal("cachegateway: no gateway answers at http://127.0.0.1:1 (connection refused); is it running with --admin-urls? --admin names another address\n", run.Error);
    }

    [Fact]
    public async Task AddressThatIsNone_IsBadUsage() => Assert.Equal(2, (await CliProcess.RunAsync("top", "--admin", "gateway")).Exit);

    [Fact]
    public async Task PublicAddress_IsToldFromTheAdminAddress()
    {
        await using var env = await StartAsync();

        var run = await CliProcess.RunAsync("top", "--admin", env.Address.GetLeftPart(UriPartial.Authority));

        Assert.Equal((1, ""), (run.Exit, run.Output));
    }

    [Fact]
    public async Task Token_IsNeeded_AndTakenFromTheEnvironment()
    {
        const string Token = "a-token-that-nobody-guesses";
        await using var env = await StartAsync(token: Token);

        var without = await RunAsync(env, "top");
        var given = await RunAsync(env, "top", "--token", Token);
        var variable = await CliProcess.RunAsync(["top"], ("CACHEGATEWAY__ADMIN", Admin(env)), ("CACHEGATEWAY__ADMINTOKEN", Token));

        var wrong = await RunAsync(env, "top", "--token", "another");

        Assert.Equal((1, 0, 0, 1), (without.Exit, given.Exit, variable.Exit, wrong.Exit));
        Assert.Equal("cachegateway: the admin token that was given ($CACHEGATEWAY__ADMINTOKEN, or --token) is not the gateway's\n", wrong.Error);
        Assert.Equal("cachegateway: the gateway wants its admin token: give it in $CACHEGATEWAY__ADMINTOKEN, or with --token\n", without.Error);
    }

    [Fact]
    public async Task Top_ShowsWhatWasAskedFor()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1");
        await env.GetAsync("/p/1");

        var text = await RunAsync(env, "top");
        var json = await RunAsync(env, "top", "--json");

        Assert.Equal((0, 0), (text.Exit, json.Exit));
        Assert.Contains("50.0 %", text.Output, StringComparison.Ordinal);
        Assert.Matches("2  p       http://.*/p/1", text.Output);
        Assert.Equal(2, json.Json().GetProperty("policies")[0].GetProperty("requests").GetInt32());
    }

    [Fact]
    public async Task Warm_StoresWhatItIsGiven_AndFailsIfOneFails()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/p/bad", Reply.Of(503, "down"));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "# list\n/p/2\n\n  /p/3\r\n");

        var good = await RunAsync(env, "warm", "/p/1", "--file", file);
        var bad = await RunAsync(env, "warm", "/p/1", "/p/bad", "--json");

        Assert.Equal((0, 1), (good.Exit, bad.Exit));
        Assert.Contains("done: 3 stored, 0 were fresh, 0 not storable, 0 failed of 3", good.Output, StringComparison.Ordinal);
        Assert.Equal((1, 1), (bad.Json().Count("fresh"), bad.Json().Count("failed")));
        CacheAssert.Hit(await env.GetAsync("/p/3"));
        File.Delete(file);
    }

    [Fact]
    public async Task Warm_OnATerminal_ShowsABarWithWhatIsLeft()
    {
        await using var env = await StartAsync();
        var slow = new Gate();
        env.Origin.On(null, "/p/50", async exchange =>
        {
            await slow.Opened;
            await exchange.SendAsync(Reply.Ok("x"));
        });
        var file = await ListAsync(50);

        using var terminal = Terminal($"warm --file {file} --admin {Admin(env)}");
        await UntilDoneAsync(env, 49);
        env.Time.AdvanceSeconds(5);
        // The bar is drawn every half second of the terminal's own time.
        await Task.Delay(1500);
        slow.Open();
        var output = await terminal.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
        await terminal.WaitForExitAsync();

        Assert.Equal(0, terminal.ExitCode);
        var plain = Escapes().Replace(output, "");
        Assert.True(Regex.IsMatch(plain, "49 of 50, 0 failed, [0-9]+/s, 0:00:[0-9]+ to go"), plain);
        Assert.Contains("━", plain, StringComparison.Ordinal);
        Assert.Contains("100%", plain, StringComparison.Ordinal);
        Assert.Contains("50 stored", plain, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task Warm_TenThousand_InterruptedInTheMiddle_LeavesNothingBroken()
    {
        await using var env = await StartAsync();
        var rest = new Gate();
        env.Origin.On(null, "*", async exchange =>
        {
            if (int.Parse(exchange.Request.Path["/p/".Length..], CultureInfo.InvariantCulture) > 5_000)
            {
                await rest.Opened;
            }

            await exchange.SendAsync(Reply.Ok(exchange.Request.Target));
        });
        var file = await ListAsync(10_000);
        using var process = CliProcess.Start(["warm", "--file", file, "--concurrency", "8", "--admin", Admin(env)]);
        await UntilDoneAsync(env, 500);

        await InterruptAsync(process);
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync();
        // Only now: however fast the rest would be fetched, there is something left to cancel.
        rest.Open();

        Assert.Equal(1, process.ExitCode);
        Assert.Matches("^cachegateway: cancelled after [0-9,]+ of 10,000; what was stored stays\n$", error);
        await AssertWholeAsync(env, "cancelled");
        File.Delete(file);
    }

    [Fact]
    public async Task Warm_Killed_TheGatewayGoesOn()
    {
        await using var env = await StartAsync();
        var file = await ListAsync(300);
        env.Origin.Hold("/p/250");
        using var process = CliProcess.Start(["warm", "--file", file, "--admin", Admin(env)]);
        await UntilDoneAsync(env, 100);

        process.Kill();
        await process.WaitForExitAsync();
        env.Origin.Release("/p/250");

        await AssertWholeAsync(env, "done");
        File.Delete(file);
    }

    [Fact]
    public async Task Warm_WhoseGatewayDies_SaysSo()
    {
        await using var env = await StartAsync();
        env.Origin.Hold("/p/1");
        using var process = CliProcess.Start(["warm", "/p/1", "--admin", Admin(env)]);
        await env.Origin.Reached("/p/1");

        await env.StopGatewayAsync();
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith("cachegateway: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warm_Jobs_AreListedAndCancelled()
    {
        await using var env = await StartAsync();
        env.Origin.Hold("/p/1");

        var started = await RunAsync(env, "warm", "/p/1", "/p/2", "--concurrency", "1", "--no-wait", "--json");
        var listed = await RunAsync(env, "warm", "--jobs");
        var cancelled = await RunAsync(env, "warm", "--cancel", started.Json().GetProperty("id").GetString()!);
        var unknown = await RunAsync(env, "warm", "--cancel", "nothing");
        env.Origin.Release("/p/1");

        Assert.Equal((0, 0, 0, 1), (started.Exit, listed.Exit, cancelled.Exit, unknown.Exit));
        Assert.Contains(started.Json().GetProperty("id").GetString()!, listed.Output, StringComparison.Ordinal);
        Assert.Equal("cancelled", (await env.WarmEndAsync(started.Json().GetProperty("id").GetString()!)).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("purge")]
    [InlineData("warm")]
    [InlineData("top")]
    [InlineData("explain")]
    [InlineData("report")]
    [InlineData("bench")]
    public async Task Help_HasExamples(string command)
    {
        var run = await CliProcess.RunAsync(command, "--help");

        Assert.Equal(0, run.Exit);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
    }

    /// <summary>As Ctrl-C does.</summary>
    private static async Task InterruptAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();

    private static string Admin(GatewayEnvironment env) => env.Addresses[^1].GetLeftPart(UriPartial.Authority);

    private static Task<CliProcess> RunAsync(GatewayEnvironment env, params string[] arguments) => CliProcess.RunAsync([.. arguments, "--admin", Admin(env)]);

    /// <summary>The command on a pseudo-terminal.</summary>
    private static Process Terminal(string arguments)
    {
        var start = new ProcessStartInfo("script", ["-qec", $"stty rows 40 cols 100; {CliProcess.DotNet} {CliProcess.Assembly} {arguments}", "/dev/null"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        return Process.Start(start)!;
    }

    private static async Task<string> ListAsync(int count)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, Enumerable.Range(1, count).Select(i => $"/p/{i}"));
        return file;
    }

    private static Task UntilDoneAsync(GatewayEnvironment env, int count) => Deadline.Until(async () =>
    {
        using var answer = await env.AdminAsync(WarmUps.Path);
        return (await WarmUps.ReadAsync(answer)).EnumerateArray().Any(job => job.Count("done") >= count);
    }, $"{count} targets dealt with");

    /// <summary>The job came to its end, nothing is left under way, what was stored is whole, and the gateway serves.</summary>
    private static async Task AssertWholeAsync(GatewayEnvironment env, string state)
    {
        using var answer = await env.AdminAsync(WarmUps.Path);
        var job = await env.WarmEndAsync((await WarmUps.ReadAsync(answer))[0].GetProperty("id").GetString()!);
        Assert.Equal((state, 0), (job.GetProperty("state").GetString(), job.Count("failed")));
        await env.UntilMetric("cachegateway_fill_under_way", fills => fills == 0);
        var before = env.Origin.Log.Count;
        var warmed = await env.GetAsync("/p/1");
        CacheAssert.Hit(warmed);
        Assert.Equal("/p/1", warmed.Text);
        Assert.Equal(before, env.Origin.Log.Count);
        CacheAssert.Miss(await env.GetAsync("/p/new"));
    }

    private static async Task<GatewayEnvironment> StartAsync(double confirmAbove = 0, string? token = null, string? redis = null)
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = Policies,
            Settings = settings => settings with { ConfirmAbove = confirmAbove, AdminToken = token, Redis = redis is null ? null : new() { EndPoints = [redis] } },
        });
        env.Origin.On(null, "*", request => Reply.Ok(request.Target));
        return env;
    }
}
