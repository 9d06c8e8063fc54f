using CacheGateway.FunctionalTests.Documentation;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary><c>policy check</c>, <c>explain</c> and <c>test</c> as processes: exit codes, and output that programs read.</summary>
public sealed class PolicyCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-policies-");

    private static string Config(string name) => Path.Combine(Repository.Root, "config", name);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Check_FileWithErrors_ListsThemAllAndFails()
    {
        var file = Write("policies.json", "{\n \"policies\": {\n  \"a\": { \"ttl\": \"-5m\",\n   \"tll\": \"5m\" }\n }\n}");

        var text = await CliProcess.RunAsync("policy", "check", file);
        var json = await CliProcess.RunAsync("policy", "check", file, "--json");

        Assert.Equal(1, text.Exit);
        Assert.Contains($"{file}:3: error: policy \"a\": $.ttl: \"-5m\" must not be negative [invalid]", text.Output, StringComparison.Ordinal);
        Assert.Contains($"{file}:4: error: policy \"a\": $.tll: unknown member; did you mean \"ttl\"? [invalid]", text.Output, StringComparison.Ordinal);
        Assert.Equal(1, json.Exit);
        Assert.Equal(2, json.Json().GetProperty("errors").GetInt32());
        Assert.Equal([3, 4], json.Json().GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Check_FileWithWarnings_FailsOnlyWhenStrict()
    {
        var file = Write("policies.json", """{ "policies": { "a": { "match": { "path": "/a" }, "ttl": "1m", "origin": "override", "key": { "query": { "include": [] } } } } }""");

        var lenient = await CliProcess.RunAsync("policy", "check", file);
        var strict = await CliProcess.RunAsync("policy", "check", file, "--strict");

        Assert.Equal((0, 1), (lenient.Exit, strict.Exit));
        Assert.Contains("[origin-override]", lenient.Output, StringComparison.Ordinal);
        Assert.EndsWith("0 errors, 1 warning, 0 notes\n", lenient.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy", "check", "/does/not/exist.json")]
    [InlineData("policy", "test", "/does/not/exist.json")]
    [InlineData("policy", "explain", "/does/not/exist.json", "/x")]
    [InlineData("policy", "check")]
    [InlineData("policy", "guess")]
    public async Task BadUsage_IsOneLineAndExitCode2(params string[] arguments)
    {
        var run = await CliProcess.RunAsync(arguments);

        Assert.Equal((2, ""), (run.Exit, run.Output));
        Assert.StartsWith("cachegateway: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_NamesPolicyKeyAndWhatWouldBeStored()
    {
        var run = await CliProcess.RunAsync(
            "policy", "explain", Config("policies.json"), "http://shop.test/shop/api/products?utm_source=x&page=2", "--response-header", "Cache-Control: max-age=60", "--json");
        var outcome = run.Json();

        Assert.Equal(0, run.Exit);
        Assert.Equal(("shop-products", "store", 60), (outcome.GetProperty("policy").GetString(), outcome.GetProperty("decision").GetString(), outcome.GetProperty("ttl").GetDouble()));
        Assert.Equal("/shop/api/products?page=2", outcome.GetProperty("key").GetProperty("target").GetString());
        Assert.Equal("shop.test", outcome.GetProperty("key").GetProperty("host").GetString());
    }

    [Theory]
    [InlineData("99")]
    [InlineData("600")]
    public async Task Explain_StatusThatIsNone_IsBadUsage(string status)
    {
        var run = await CliProcess.RunAsync("policy", "explain", Config("policies.json"), "/x", "--status", status);

        Assert.Equal((2, "cachegateway: --status: a status is a number from 100 to 599\n"), (run.Exit, run.Error));
    }

    [Fact]
    public async Task Explain_NeverShowsCredentials()
    {
        var run = await CliProcess.RunAsync("policy", "explain", Config("policies.json"), "/api/leads/mine", "-H", "Authorization: Bearer SECRET");

        Assert.Equal(0, run.Exit);
        Assert.Contains("key identity", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_CasesThatHold_Pass()
    {
        var run = await CliProcess.RunAsync("policy", "test", Config("policy-cases.json"));

        Assert.Equal(("", 0), (run.Error, run.Exit));
        Assert.EndsWith("8 passed, 0 failed\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_CaseThatDoesNotHold_SaysWhatCameInstead()
    {
        var cases = Write("cases.json", """
            { "cases": [
              { "name": "one", "request": { "url": "/api/leads/mine", "headers": { "Authorization": "a" } }, "expect": { "policy": "leads" } },
              { "name": "two", "request": { "url": "/api/leads/mine", "headers": { "Authorization": "a" } }, "expect": { "otherKeyThan": "one" } } ] }
            """);

        var run = await CliProcess.RunAsync("policy", "test", cases, "--policies", Config("policies.json"));
        var json = await CliProcess.RunAsync("policy", "test", cases, "--policies", Config("policies.json"), "--json");

        Assert.Equal((1, 1), (run.Exit, json.Exit));
        Assert.Contains("policy: expected leads, got leads-mine", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"one\" has the same key, so one's answer is served to the other", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, json.Json().GetProperty("failed").GetInt32());
    }

    [Theory]
    [InlineData("{ bad")]
    [InlineData("""{ "cases": [ { "name": "x" } ] }""")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "/" }, "expect": { "polici": "x" } } ] }""")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "nowhere" }, "expect": {} } ] }""")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "/" }, "expect": {} }, { "name": "x", "request": { "url": "/" }, "expect": {} } ] }""")]
    [InlineData("""{ "cases": [ null ] }""")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "/", "headers": { "X": null } }, "expect": {} } ] }""")]
    public async Task Test_CasesThatCannotBeRun_AreBadUsage(string text)
    {
        var run = await CliProcess.RunAsync("policy", "test", Write("cases.json", text), "--policies", Config("policies.json"));

        Assert.Equal((2, ""), (run.Exit, run.Output));
    }

    [Fact]
    public async Task Help_HasExamples()
    {
        foreach (var command in new[] { "check", "explain", "test" })
        {
            var run = await CliProcess.RunAsync("policy", command, "--help");

            Assert.Equal(0, run.Exit);
            Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        }
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
