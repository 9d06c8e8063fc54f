using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CacheGateway.FunctionalTests.Warming;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>The warm command, as a process: what it stores, what it shows, and what is left when it or the gateway ends before its job.</summary>
public sealed partial class WarmCommandTests
{
    private const string Policies = """{ "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p", "p:{id}"] } } }""";

    [Fact]
    public async Task Warm_StoresWhatItIsGiven_AndFailsIfOneFails()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/p/bad", Reply.Of(503, "down"));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "# list\n/p/2\n\n  /p/3\r\n");

        var good = await CliProcess.RunAtAsync(env, "warm", "/p/1", "--file", file);
        var bad = await CliProcess.RunAtAsync(env, "warm", "/p/1", "/p/bad", "--json");

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

        using var terminal = Terminal($"warm --file {file} --admin {CliProcess.AdminOf(env)}");
        await UntilDoneAsync(env, 49);
        env.Time.AdvanceSeconds(5);
        var plain = await ReadAsync(terminal, "49 of 50, 0 failed, [0-9]+/s, 0:00:[0-9]+ to go").WaitAsync(CliProcess.Limit);
        slow.Open();
        plain += await ReadAsync(terminal).WaitAsync(CliProcess.Limit);
        await terminal.WaitForExitAsync();

        Assert.Equal(0, terminal.ExitCode);
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
        using var process = CliProcess.Start(["warm", "--file", file, "--concurrency", "8", "--admin", CliProcess.AdminOf(env)]);
        string error;
        try
        {
            await UntilDoneAsync(env, 500);

            await InterruptAsync(process);
            error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
            await process.WaitForExitAsync();
        }
        finally
        {
            // Only now: however fast the rest would be fetched, there is something left to cancel. Whatever happened, the origin must be able to end.
            rest.Open();
        }

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
        using var process = CliProcess.Start(["warm", "--file", file, "--admin", CliProcess.AdminOf(env)]);
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
        using var process = CliProcess.Start(["warm", "/p/1", "--admin", CliProcess.AdminOf(env)]);
        await Deadline.Until(() => Task.FromResult(env.Origin.Requests("/p/1") == 1), "the command to ask", CliProcess.Limit);

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

        var started = await CliProcess.RunAtAsync(env, "warm", "/p/1", "/p/2", "--concurrency", "1", "--no-wait", "--json");
        var listed = await CliProcess.RunAtAsync(env, "warm", "--jobs");
        var cancelled = await CliProcess.RunAtAsync(env, "warm", "--cancel", started.Json().GetProperty("id").GetString()!);
        var unknown = await CliProcess.RunAtAsync(env, "warm", "--cancel", "nothing");
        env.Origin.Release("/p/1");

        Assert.Equal((0, 0, 0, 1), (started.Exit, listed.Exit, cancelled.Exit, unknown.Exit));
        Assert.Contains(started.Json().GetProperty("id").GetString()!, listed.Output, StringComparison.Ordinal);
        Assert.Equal("cancelled", (await env.WarmEndAsync(started.Json().GetProperty("id").GetString()!)).GetProperty("state").GetString());
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

    /// <summary>What it shows, without escapes, until that is there (or to its end, if it never is or nothing is looked for).</summary>
    private static async Task<string> ReadAsync(Process terminal, string? until = null)
    {
        var (shown, part) = ("", new char[4096]);
        int count;
        do
        {
            count = await terminal.StandardOutput.ReadAsync(part);
            shown += new string(part, 0, count);
        }
        while (count > 0 && (until is null || !Regex.IsMatch(Escapes().Replace(shown, ""), until)));

        var plain = Escapes().Replace(shown, "");
        Assert.True(until is null || Regex.IsMatch(plain, until), plain);
        return plain;
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
    }, $"{count} targets dealt with", CliProcess.Limit);

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

    private static async Task<GatewayEnvironment> StartAsync()
    {
        var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", request => Reply.Ok(request.Target));
        return env;
    }
}
