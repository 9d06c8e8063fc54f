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

    [Theory]
    [InlineData("\"/a b\" must be printable ASCII without spaces: write the rest with %XX", "/a b")]
    [InlineData("\"/a%00?b\" has %00 in its path, which is refused; leave it out", "/a%00?b")]
    [InlineData("\"/a#frag\" has a fragment, which no client sends; leave out # and what follows", "/a#frag")]
    [InlineData("\"G T\" is no method; write it like GET", "/a", "--method", "G T")]
    [InlineData("\"put\" is no method; write it like PUT", "/a", "--method", "put")]
    public async Task Explain_WhatNoClientCanSend_IsBadUsage(string error, params string[] request)
    {
        var run = await CliProcess.RunAsync(["policy", "explain", Config("policies.json"), .. request]);

        Assert.Equal((2, "", $"cachegateway: {error}\n"), (run.Exit, run.Output, run.Error));
    }

    /// <summary>As curl -i shows them: each line counts.</summary>
    [Theory]
    [InlineData("Cache-Control: private", "Cache-Control: max-age=60")]
    [InlineData("Cache-Control: max-age=60", "cache-control: private")]
    public async Task Explain_FieldInSeveralLines_IsReadAsOne(string first, string second)
    {
        var run = await CliProcess.RunAsync("policy", "explain", Config("policies.json"), "/shop/api/products/", "--response-header", first, "--response-header", second);

        Assert.Contains("response-private", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Directory_SaysThatItIsOne()
    {
        var run = await CliProcess.RunAsync("policy", "check", _folder.FullName);

        Assert.Equal((2, "", $"cachegateway: \"{_folder.FullName}\" is a directory\n"), (run.Exit, run.Output, run.Error));
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
    [InlineData("199")]
    [InlineData("600")]
    public async Task Explain_StatusThatIsNone_IsBadUsage(string status)
    {
        var run = await CliProcess.RunAsync("policy", "explain", Config("policies.json"), "/x", "--status", status);

        Assert.Equal((2, "cachegateway: --status: a status is a number from 200 to 599\n"), (run.Exit, run.Error));
    }

    [Fact]
    public async Task Explain_NeverShowsCredentials()
    {
        var run = await CliProcess.RunAsync("policy", "explain", Config("policies.json"), "/api/leads/mine", "-H", "Authorization: Bearer SECRET");

        Assert.Equal(0, run.Exit);
        Assert.Contains("key identity", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", run.Output, StringComparison.Ordinal);
    }

    /// <summary>What the request alone forbids is told as the gateway treats it, whatever the origin answers.</summary>
    [Theory]
    [InlineData("/part/1", "Range: bytes=0-1", "200", "not-stored", "request-range")]
    [InlineData("/part/1", "Range: bytes=0-1", "206", "not-stored", "request-range")]
    [InlineData("/part/1", "Range: bytes=0-1", null, "not-stored", "request-range")]
    [InlineData("/part/1", "If-Match: \"a\"", "200", "not-stored", "request-precondition")]
    [InlineData("/part/1", "Cache-Control: only-if-cached", "200", "not-stored", "only-if-cached")]
    [InlineData("/part/1?token=a", "Cache-Control: only-if-cached", "200", "not-stored", "only-if-cached")]
    [InlineData("/whole/1", "Range: bytes=0-1", "200", "store", null)]
    [InlineData("/parts/1", "Range: bytes=0-1", "206", "store", null)]
    [InlineData("/parts/1", "Range: bytes=0-1", "200", "not-stored", "request-range")]
    [InlineData("/parts/1", "Range: bytes=0-1", null, "look-up", null)]
    public async Task Explain_OfWhatTheGatewayPasses_SaysThatItIsNotStored(string url, string field, string? status, string decision, string? reason)
    {
        var file = Write("policies.json", """
            { "policies": {
              "part": { "match": { "path": "/part/{id}" }, "ttl": "1m" },
              "whole": { "match": { "path": "/whole/{id}" }, "ttl": "1m", "rangeFetchWhole": "1MB" },
              "parts": { "match": { "path": "/parts/{id}" }, "ttl": "1m", "profile": "rfc9111" } } }
            """);
        string[] answer = status is null ? [] : ["--status", status, "--response-header", "Content-Range: bytes 0-1/9", "--response-header", "Cache-Control: max-age=60"];

        var run = await CliProcess.RunAsync(["policy", "explain", file, url, "-H", field, .. answer, "--json"]);

        Assert.Equal((decision, reason), (run.Json().GetProperty("decision").GetString(), run.Json().TryGetProperty("reason", out var said) ? said.GetString() : null));
    }

    /// <summary>A backend may take another spelling of a path for the same thing; so does what a write clears.</summary>
    [Theory]
    [InlineData("/x/../api/products/7", "200", "product:7,products")]
    [InlineData("/x/../api/products/7", "500", "products")]
    [InlineData("/api/products/7", "200", "product:7,products")]
    public async Task Explain_OfAWrite_NamesAllThatItClears_HoweverItsPathIsSpelt(string url, string status, string clears)
    {
        var file = Write("policies.json", """
            { "policies": {
              "item": { "match": { "path": "/api/products/{id}" }, "ttl": "1m", "tags": ["product:{id}"], "invalidates": ["product:{id}"] },
              "all": { "match": { "path": "/api/{*rest}" }, "ttl": "1m", "tags": ["products"], "invalidates": ["products"], "invalidateBefore": true } } }
            """);

        var run = await CliProcess.RunAsync("policy", "explain", file, url, "--method", "PUT", "--status", status, "--json");

        Assert.Equal(clears, string.Join(',', run.Json().GetProperty("clears").EnumerateArray().Select(tag => tag.GetString())));
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

    /// <summary>What can be read and says nothing, or can never hold, is no test that passes or fails.</summary>
    [Theory]
    [InlineData("""{ "cases": [] }""", "$.cases: must hold at least one case, such as { \"name\": ")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "/" }, "expect": {} } ] }""", "$.cases[0].expect: case \"x\" expects nothing, so it always holds; name some of clears, decision, ")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "/" }, "expect": { "decision": "stored" } } ] }""", "$.cases[0].expect.decision: \"stored\" is none that there is; did you mean \"store\"?\n")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "/" }, "expect": { "reason": "no-plicy" } } ] }""", "$.cases[0].expect.reason: \"no-plicy\" is none that there is; did you mean \"no-policy\"?\n")]
    [InlineData("""{ "cases": [ { "name": "x", "request": { "url": "/" }, "expect": { "polici": "x" } } ] }""", "$.cases[0].expect.polici: unknown member; did you mean \"policy\"?\n")]
    [InlineData("""{ "cases": [ { "name": 1, "request": {}, "expect": { "policy": "x" } } ] }""", "$.cases[0].name: 1 must be a string\n")]
    [InlineData("""{ "policies": {} }""", "$.policies: this is a policy file; a file of cases has \"cases\": ")]
    [InlineData("{ \"cases\": [", "the file ends here, and the '[' of line 1 is not closed\n")]
    public async Task Test_CasesThatSayNothing_AreToldWhatWouldBeRight(string text, string error)
    {
        var file = Write("cases.json", text);

        var run = await CliProcess.RunAsync("policy", "test", file, "--policies", Config("policies.json"));

        Assert.Equal((2, ""), (run.Exit, run.Output));
        Assert.StartsWith($"cachegateway: {file}:1: {error}", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("CacheGateway.Cli", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_OfAPolicyThatThereIsNot_NamesTheNearest()
    {
        var cases = Write("cases.json", """{ "cases": [ { "name": "x", "request": { "url": "/shop/api/products" }, "response": null, "expect": { "policy": "shop-product-list" } } ] }""");

        var run = await CliProcess.RunAsync("policy", "test", cases, "--policies", Config("policies.json"));

        Assert.Equal(1, run.Exit);
        Assert.Contains("policy: expected shop-product-list, got shop-products; there is no policy \"shop-product-list\"", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/Products/", "policy \"products\" takes /api/products; case counts, and so does a slash at the end")]
    [InlineData("/api/products/?page=2", "policy \"products\" takes /api/products; case counts, and so does a slash at the end")]
    [InlineData("/API/v2/x", "policy \"v2\" takes /api/v2/{id}/; case counts, and so does a slash at the end")]
    [InlineData("/api/orders", null)]
    public async Task Explain_OfAPathThatDiffersByCaseOrSlash_NamesThePolicyThatWasMeant(string url, string? meant)
    {
        var file = Write("policies.json", """{ "policies": { "products": { "match": { "path": "/api/products" }, "ttl": "1m" }, "v2": { "match": { "path": "/api/v2/{id}/" }, "ttl": "1m" } } }""");

        var run = await CliProcess.RunAsync("policy", "explain", file, url);

        Assert.Equal(0, run.Exit);
        Assert.Contains("pass (no-policy)", run.Output, StringComparison.Ordinal);
        Assert.Equal(meant is null ? null : $"did you mean  {meant}", run.Output.Split('\n').FirstOrDefault(line => line.StartsWith("did you mean", StringComparison.Ordinal)));
    }

    /// <summary>The path is right: what is not is said.</summary>
    [Theory]
    [InlineData("/p", "policy \"p\" takes /p, but the query has no format=json")]
    [InlineData("/p?format=json", "policy \"p\" takes /p, but there is no header X-Tenant")]
    [InlineData("http://b.test/p?format=json", "policy \"p\" takes /p, but its hosts are a.test")]
    [InlineData("/w", "policy \"w\" takes /w, but its methods are POST")]
    public async Task Explain_OfAConditionThatDoesNotHold_NamesIt(string url, string why)
    {
        var file = Write("policies.json", """
            { "policies": { "p": { "match": { "path": "/p", "hosts": ["a.test"], "query": { "format": "json" }, "headers": { "X-Tenant": "*" } }, "ttl": "1m" }, "w": { "match": { "path": "/w", "methods": ["POST"] } } } }
            """);

        var run = await CliProcess.RunAsync("policy", "explain", file, url.StartsWith('/') ? $"http://a.test{url}" : url);

        Assert.Equal(0, run.Exit);
        Assert.Contains($"none because  {why}\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("did you mean", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_OfAWrite_NamesWhatItConcerns()
    {
        var file = Write("policies.json", """{ "policies": { "item": { "match": { "path": "/p/{id}" }, "ttl": "1m" } } }""");

        var run = await CliProcess.RunAsync("policy", "explain", file, "http://a.test/p/7", "--method", "PUT");

        Assert.Equal(0, run.Exit);
        Assert.Contains("concerns    item\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("clears URL  http://a.test/p/7\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("clears URL  http://a.test/p\n", run.Output, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("""{ "name": "x", "request": { "url": "nowhere" }, "expect": { "policy": "none" } }""", "nowhere")]
    [InlineData("""{ "name": "x", "request": { "url": "/" }, "expect": { "policy": "none" } }, { "name": "x", "request": { "url": "/a" }, "expect": { "policy": "none" } }""", "case \"x\" stands twice; give each a name of its own")]
    [InlineData("""{ "name": "x", "request": { "url": "/" }, "expect": { "sameKeyAs": "x" } }""", "case \"x\" is compared with itself; name another case")]
    [InlineData("""{ "name": "x", "request": { "url": "/" }, "expect": { "otherKeyThan": "x" } }""", "case \"x\" is compared with itself; name another case")]
    public async Task Test_CasesThatSayNothing_AreNamed(string cases, string error)
    {
        var run = await CliProcess.RunAsync("policy", "test", Write("cases.json", $$"""{ "cases": [ {{cases}} ] }"""), "--policies", Config("policies.json"));

        Assert.Equal((2, ""), (run.Exit, run.Output));
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
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
