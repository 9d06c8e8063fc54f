using CacheGateway.FunctionalTests.Admin;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>The commands that talk to a running gateway, as processes: what they do to it, their exit codes and what they print.</summary>
public sealed class RemoteCommandTests
{
    private const string Policies = """{ "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p", "p:{id}"] } } }""";

    [Fact]
    public async Task Purge_ClearsWhatItNames_AndSaysWhere()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1");
        await env.GetAsync("/p/2");

        var run = await CliProcess.RunAtAsync(env, "purge", "--tag", "p:1");

        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Matches("^cleared at epoch [0-9]+; applied on a\nraised tags p:1\n$", run.Output);
        CacheAssert.Miss(await env.GetAsync("/p/1"));
        CacheAssert.Hit(await env.GetAsync("/p/2"));
    }

    /// <summary>What went past the cache is none of a policy's misses, and among the keys that it does not answer: the words tell both apart.</summary>
    [Fact]
    public async Task Top_NamesWhatItCounts()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1");

        var run = await CliProcess.RunAtAsync(env, "top", "--once");
        using var page = await env.AdminAsync("/top?by=misses");

        Assert.Contains("Keys by requests not answered from the cache\n", run.Output, StringComparison.Ordinal);
        Assert.Single(run.Output.Split("misses")[1..]);
        Assert.Contains("Keys least answered from the cache", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Purge_EveryOption_ReachesTheGateway()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/p/1");

        var dry = await CliProcess.RunAtAsync(env, "purge", "--all", "--dry-run", "--json");
        CacheAssert.Hit(await env.GetAsync("/p/1"));
        var soft = await CliProcess.RunAtAsync(env, "purge", "--url", "/p/1", "--soft", "--wait", "local", "--timeout", "500", "--reason", "test", "--json");
        var validated = await env.GetAsync("/p/1");
        var prefix = await CliProcess.RunAtAsync(env, "purge", "--prefix", "/p/", "--wait", "none");
        var policy = await CliProcess.RunAtAsync(env, "purge", "--policy", "p");

        Assert.Equal((0, 0, 0, 0), (dry.Exit, soft.Exit, prefix.Exit, policy.Exit));
        Assert.Equal(1, dry.Json().GetProperty("count").GetInt32());
        Assert.Equal("a", soft.Json().GetProperty("applied")[0].GetProperty("node").GetString());
        CacheAssert.Miss(validated);
    }

    [Theory]
    [InlineData("raised everything; softly", "--all", "--soft")]
    [InlineData("raised tags a, b; urls /p/1?token=…; prefixes /p/; policies p", "--tag", "a", "--tag", "b", "--url", "/p/1?token=SECRET", "--prefix", "/p/", "--policy", "p")]
    public async Task Purge_SaysOnOneLineWhatWasRaised(string line, params string[] scope)
    {
        await using var env = await StartAsync();

        var run = await CliProcess.RunAtAsync(env, ["purge", .. scope]);

        Assert.Equal(0, run.Exit);
        Assert.Equal(line, run.Output.TrimEnd('\n').Split('\n')[^1]);
    }

    /// <summary>A gateway that has met no other one since it began cannot say that there is none.</summary>
    [Theory]
    [InlineData("all", "?")]
    [InlineData("local")]
    [InlineData("none")]
    public async Task Purge_ThatRedisDidNotTake_Fails_AndSaysWhatFollows(string wait, params string[] missing)
    {
        await using var env = await StartAsync(redis: "127.0.0.1:1");

        var text = await CliProcess.RunAtAsync(env, "purge", "--all", "--wait", wait);
        var json = await CliProcess.RunAtAsync(env, "purge", "--all", "--wait", wait, "--json");

        Assert.Equal((1, 1), (text.Exit, json.Exit));
        Assert.Contains("NOT DURABLE: Redis did not take it, and other gateways may go on serving", text.Output, StringComparison.Ordinal);
        Assert.Equal(missing, json.Json().GetProperty("missing").EnumerateArray().Select(node => node.GetString()));
    }

    [Fact]
    public async Task Purge_OfMost_NeedsConfirmation()
    {
        await using var env = await StartAsync(confirmAbove: 0.5);
        await env.GetAsync("/p/1");

        var refused = await CliProcess.RunAtAsync(env, "purge", "--all");
        CacheAssert.Hit(await env.GetAsync("/p/1"));
        var confirmed = await CliProcess.RunAtAsync(env, "purge", "--all", "--confirm");

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

        var run = await CliProcess.RunAtAsync(env, arguments);

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

    /// <summary>What is wrong is called as whoever wrote it does.</summary>
    [Theory]
    [InlineData("CACHEGATEWAY__ADMIN", "gateway")]
    [InlineData("CACHEGATEWAY__ADMINTOKEN", "with a space")]
    public async Task VariableThatCannotWork_IsNamed(string name, string value)
    {
        var run = await CliProcess.RunAsync(["top"], (name, value));

        Assert.Equal((2, ""), (run.Exit, run.Output));
        Assert.StartsWith($"cachegateway: {name}: ", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Two periods are compared, and a day is kept.</summary>
    [Fact]
    public async Task Period_AboveHalfOfWhatIsKept_IsRefused()
    {
        await using var env = await StartAsync();

        var run = await CliProcess.RunAtAsync(env, "report", "--period", "13h");

        Assert.Equal((2, "cachegateway: --period: it is at most 12h: it is compared with the one before, and a day is kept\n"), (run.Exit, run.Error));
        Assert.Equal(0, (await CliProcess.RunAtAsync(env, "report", "--period", "12h")).Exit);
    }

    [Theory]
    [InlineData("199")]
    [InlineData("600")]
    public async Task Explain_StatusThatIsNone_IsNamedByItsOption(string status)
    {
        await using var env = await StartAsync();

        var run = await CliProcess.RunAtAsync(env, "explain", "/p/1", "--status", status);

        Assert.Equal((2, "cachegateway: --status: a status is a number from 200 to 599\n"), (run.Exit, run.Error));
    }

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

        var without = await CliProcess.RunAtAsync(env, "top");
        var given = await CliProcess.RunAtAsync(env, "top", "--token", Token);
        var variable = await CliProcess.RunAsync(["top"], ("CACHEGATEWAY__ADMIN", CliProcess.AdminOf(env)), ("CACHEGATEWAY__ADMINTOKEN", Token));

        var wrong = await CliProcess.RunAtAsync(env, "top", "--token", "another");

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
        await env.UntilHitsAsync("/p/1", 1);

        var text = await CliProcess.RunAtAsync(env, "top");
        var json = await CliProcess.RunAtAsync(env, "top", "--json");

        Assert.Equal((0, 0), (text.Exit, json.Exit));
        Assert.Contains("50.0 %", text.Output, StringComparison.Ordinal);
        Assert.Matches("2  p       http://.*/p/1", text.Output);
        Assert.Equal(2, json.Json().GetProperty("policies")[0].GetProperty("requests").GetInt32());
    }

    [Theory]
    [InlineData("top")]
    [InlineData("purge --tag q --json")]
    public async Task Output_ThatCannotBeWritten_IsOneLine(string command)
    {
        await using var env = await StartAsync();
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "sh", ["-c", $"exec \"$0\" \"$1\" {command} --admin \"$2\" > /dev/full", CliProcess.DotNet, CliProcess.Assembly, CliProcess.AdminOf(env)])
        {
            RedirectStandardError = true,
        })!;

        var error = await shell.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await shell.WaitForExitAsync();

        Assert.Equal(1, shell.ExitCode);
        Assert.StartsWith("cachegateway: cannot write: ", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
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
