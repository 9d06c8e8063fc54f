using System.Text.Json;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>What is explained is what happens, and what is proposed works.</summary>
public sealed class ExplainTests
{
    private static readonly Reply Plain = Reply.Ok("x", "Cache-Control: max-age=60");

    [Fact]
    public async Task Hit_IsExplainedByItsFreshnessSum()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", "Age: 10"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(5);

        var answer = await ExplainAsync(env, "/x");

        Assert.Equal(("hit", "fresh"), (answer.Text("outcome"), answer.Text("reason")));
        var freshness = answer.GetProperty("stored")[0].GetProperty("freshness");
        Assert.Equal((60.0, 10.0, 5.0, 45.0), (Seconds(freshness, "lifetime"), Seconds(freshness, "initialAge"), Seconds(freshness, "resident"), Seconds(freshness, "remaining")));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
    }

    [Fact]
    public async Task Explaining_AsksNobodyAndChangesNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Plain);

        await ExplainAsync(env, "/x");

        Assert.Equal(0, env.Origin.Requests("*"));
        CacheAssert.Miss(await env.GetAsync("/x"));
    }

    [Theory]
    [InlineData("no-store", "response-no-store", "RFC 9111 5.2.2.5")]
    [InlineData("private", "response-private", "RFC 9111 5.2.2.7")]
    public async Task WhatTheOriginForbids_NoChangeAllows(string directive, string reason, string source)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m", "origin": "override" }"""));
        env.Origin.Get("/x", Reply.Ok("x", $"Cache-Control: {directive}"));
        await env.GetAsync("/x");

        var answer = await ExplainAsync(env, "/x");

        Assert.Equal((reason, source), (answer.Text("reason"), answer.Text("source")));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
        Assert.Contains("Only the origin", answer.Text("mustNot"));
        Assert.StartsWith("last-refused", answer.GetProperty("response").Text("from"));
    }

    /// <summary>Each misconfiguration is found, explained, changed as proposed, and is cacheable after.</summary>
    [Theory]
    [InlineData("\"enabled\": false, \"ttl\": \"1m\"", "Vary: A", "policy-off", "enabled")]
    [InlineData("\"ttl\": \"0s\"", "X: 1", "response-policy-ttl-zero", "ttl")]
    [InlineData("\"origin\": \"respect\"", "X: 1", "response-no-freshness", "ttl")]
    [InlineData("\"ttl\": \"1m\"", "Set-Cookie: a=1", "response-set-cookie", "setCookie")]
    [InlineData("\"ttl\": \"1m\", \"maxBody\": \"1B\"", "Content-Type: text/plain", "response-too-large", "maxBody")]
    [InlineData("\"ttl\": \"1m\", \"vary\": { \"User-Agent\": \"bypass\" }", "Vary: User-Agent", "request-header-bypass", "vary.User-Agent")]
    [InlineData("\"ttl\": \"1m\"", "Cache-Control: max-age=0", "response-already-stale", "origin")]
    public async Task Misconfiguration_IsCuredByTheProposedChange(string members, string header, string reason, string member)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy($$"""{ "match": { "path": "/x" }, {{members}} }"""));
        env.Origin.Get("/x", Reply.Ok("0123456789", header));
        await env.GetAsync("/x");
        await env.GetAsync("/x");
        Assert.Equal(2, env.Origin.Requests("/x"));

        var answer = await ExplainAsync(env, "/x", response: reason == "response-too-large" ? new { status = 200, headers = new Dictionary<string, string> { ["Content-Length"] = "10" } } : null);

        Assert.Equal(reason, answer.Text("reason"));
        var change = answer.GetProperty("change");
        Assert.True(change.GetProperty("members").TryGetProperty(member, out _), change.GetRawText());
        await env.ChangePoliciesAsync(Policy(Merge($$"""{ "match": { "path": "/x" }, {{members}} }""", change.Text("json")!)));
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    /// <summary>Statuses that ttl does not cover want one of their own.</summary>
    [Theory]
    [InlineData(201)]
    [InlineData(302)]
    [InlineData(307)]
    public async Task StatusThatTtlDoesNotCover_IsCuredByNamingIt(int status)
    {
        const string Rules = """{ "match": { "path": "/x" }, "ttl": "1m" }""";
        await using var env = await GatewayEnvironment.StartAsync(Policy(Rules));
        env.Origin.Get("/x", Reply.Of(status, "x", "Location: /y"));
        await env.GetAsync("/x");

        var answer = await ExplainAsync(env, "/x");

        Assert.Equal("response-no-freshness", answer.Text("reason"));
        var change = answer.GetProperty("change");
        Assert.True(change.GetProperty("members").TryGetProperty($"statuses.{status}", out _), change.GetRawText());
        await env.ChangePoliciesAsync(Policy(Merge(Rules, change.Text("json")!)));
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    /// <summary>A key remembered as not storable is explained as it is treated, whatever else the request wants.</summary>
    [Theory]
    [InlineData("GET", "X: 1", "pass", "hit-for-miss")]
    [InlineData("HEAD", "X: 1", "pass", "hit-for-miss")]
    [InlineData("GET", "Range: bytes=0-0", "pass", "hit-for-miss")]
    [InlineData("GET", "Cookie: a=b", "pass", "cookies")]
    [InlineData("GET", "If-Match: \"a\"", "pass", "hit-for-miss")]
    [InlineData("GET", "Cache-Control: only-if-cached", "fail", "only-if-cached")]
    public async Task RememberedKey_IsExplainedAsItIsAnswered(string method, string header, string outcome, string reason)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: private"));
        env.Origin.On("HEAD", "/x", _ => Reply.Ok("x", "Cache-Control: private"));
        await env.GetAsync("/x");

        var parts = header.Split(": ");
        var answer = await env.PostJsonAsync("explain", new { method, url = $"{env.Address}x", headers = new Dictionary<string, string> { [parts[0]] = parts[1] } });
        var real = await env.SendAsync(method, "/x", null, header);

        var step = answer.GetProperty("steps").EnumerateArray().Single(one => one.Text("name") == "decide");
        Assert.Equal((outcome, $"{reason}:"), (step.Text("result"), step.Text("detail")!.Split(' ')[0]));
        Assert.Equal(reason, real.CacheStatus!.Detail);
    }

    [Fact]
    public async Task RefusedAnswer_IsJudgedAgainByAllThatRefusedIt()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { TargetedFields = ["Edge-Cache-Control"] } });
        env.Origin.Get("/x", Reply.Ok("x", "Edge-Cache-Control: no-store", "Cache-Control: max-age=60", "Access-Control-Allow-Origin: https://a.test"));
        await env.GetAsync("/x");

        var response = (await ExplainAsync(env, "/x")).GetProperty("response");

        Assert.Equal("response-no-store", response.Text("reason"));
        Assert.Equal("https://a.test", response.GetProperty("headers").Text("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task BodyLargerThanMaxBody_IsNotCalledStorable()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m", "maxBody": "1B" }"""));

        var answer = await ExplainAsync(env, "/x", response: new { status = 200, headers = new Dictionary<string, string> { ["Content-Length"] = "10" } });

        var step = answer.GetProperty("steps").EnumerateArray().Single(one => one.Text("name") == "store");
        Assert.Equal("refused", step.Text("result"));
        Assert.StartsWith("response-too-large: ", step.Text("detail"));
        Assert.Equal((false, "response-too-large"), (answer.GetProperty("response").GetProperty("stores").GetBoolean(), answer.GetProperty("response").Text("reason")));
    }

    [Fact]
    public async Task AnswerWhoseTagsCannotBeKept_IsNotCalledStorable()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Tag: b{d"));
        await env.GetAsync("/x");

        var answer = await ExplainAsync(env, "/x");

        var step = answer.GetProperty("steps").EnumerateArray().Single(one => one.Text("name") == "store");
        Assert.Equal("refused", step.Text("result"));
        Assert.Equal((false, "response-tags"), (answer.GetProperty("response").GetProperty("stores").GetBoolean(), answer.GetProperty("response").Text("reason")));
        Assert.Equal("response-tags", answer.Text("reason"));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
        Assert.Contains("Correct the tag", answer.Text("mustNot"));
    }

    /// <summary>Nothing is proposed that was not found to help, whether the obstacle shows in the key or in the answer.</summary>
    [Theory]
    [InlineData("/x?token=1", "\"key\": { }", "secret-in-url", "key.query.secret")]
    [InlineData("/x?token=1", "\"enabled\": false", "policy-off", "enabled to true")]
    [InlineData("/x", "\"key\": { \"identity\": \"claim:sub\" }", "credentials", "claim sub")]
    [InlineData("/no-policy?token=1", "\"key\": { }", "no-policy", "holds a secret")]
    [InlineData("/no-policy/{a", "\"key\": { }", "no-policy", "Add a policy")]
    public async Task WhatIsInTheWayOfAKey_IsNotCuredByWhatHelpsOtherwise(string url, string members, string reason, string said)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "tokens": { "issuer": "i", "audience": "a", "algorithms": ["HS256"], "keys": { "k": { "kty": "oct", "k": "{{Convert.ToBase64String(new byte[42])}}" } } },
              "policies": { "mine": { "match": { "path": "/x" }, "ttl": "1m", {{members}} } } }
            """);
        env.Origin.Get("*", Reply.Ok("x"));

        var answer = await ExplainAsync(env, url);

        Assert.Equal(("pass", reason), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal(reason, (await env.GetAsync(url)).CacheStatus!.Detail);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
        Assert.Contains(said, answer.Text("mustNot"));
    }

    [Theory]
    [InlineData("GET", "/x?token=1")]
    [InlineData("GET", "/no-policy")]
    [InlineData("GET", "/x")]
    [InlineData("PUT", "/x")]
    public async Task OnlyIfCached_WithNothingStored_IsExplainedAsItIsAnswered(string method, string url)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));

        var answer = await env.PostJsonAsync("explain", new { method, url = $"{env.Address}{url[1..]}", headers = new Dictionary<string, string> { ["Cache-Control"] = "only-if-cached" } });
        var real = await env.SendAsync(method, url, null, "Cache-Control: only-if-cached");

        Assert.Equal((504, "only-if-cached"), (real.Status, real.CacheStatus!.Detail));
        Assert.Equal(("fail", "only-if-cached"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal("fail", answer.GetProperty("steps").EnumerateArray().Single(one => one.Text("name") == "decide").Text("result"));
    }

    /// <summary>Where the whole is known to be one that is stored, it may be fetched for a range; a range says nothing of how much that would be.</summary>
    [Theory]
    [InlineData("10", "\"16MB\"")]
    [InlineData("500000000", null)]
    [InlineData(null, null)]
    public async Task AnswerToARange_IsNotCalledStorableAsAWhole(string? length, string? whole)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));

        var answer = await ExplainAsync(
            env, "/x", new Dictionary<string, string> { ["Range"] = "bytes=0-1" }, new { status = 200, headers = length is null ? [] : new Dictionary<string, string> { ["Content-Length"] = length } });

        Assert.Equal((false, "request-range"), (answer.GetProperty("response").GetProperty("stores").GetBoolean(), answer.GetProperty("response").Text("reason")));
        Assert.Equal(whole, answer.GetProperty("change") is { ValueKind: JsonValueKind.Object } change ? change.GetProperty("members").Text("rangeFetchWhole") : null);
    }

    [Fact]
    public async Task PathThatNoPolicyTakes_IsToldTheNearestOne_AndAPolicyThatWorks()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/prodcts" }, "ttl": "1m" }"""));
        env.Origin.Get("/products", Reply.Ok("x"));

        var answer = await ExplainAsync(env, "/products");

        Assert.Equal(("pass", "no-policy"), (answer.Text("outcome"), answer.Text("reason")));
        var change = answer.GetProperty("change");
        Assert.Contains("did you mean \"/prodcts\"", change.Text("why"));
        await env.ChangePoliciesAsync(Policy(change.Text("json")!));
        // What the new policy may find of its name is cleared once.
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        await env.GetAsync("/products");
        CacheAssert.Hit(await env.GetAsync("/products"));
    }

    [Fact]
    public async Task PathThatIsTakenInAnotherSpelling_IsGivenAPolicyThatWorks()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/products/{id}" }, "ttl": "1m" }"""));
        env.Origin.Get("/PRODUCTS/a", Reply.Ok("x"));

        var change = (await ExplainAsync(env, "/PRODUCTS/a")).GetProperty("change");

        await env.ChangePoliciesAsync(Policy(change.Text("json")!).Replace("\"policies\": {", """ "policies": { "other": { "match": { "path": "/products/{id}" }, "ttl": "1m" }, """, StringComparison.Ordinal));
        await env.GetAsync("/PRODUCTS/a");
        CacheAssert.Hit(await env.GetAsync("/PRODUCTS/a"));
    }

    [Fact]
    public async Task KeyThatTellsApartTooMuch_IsNamed_WithItsLineAndItsRemedy()
    {
        const string Wide = """{ "match": { "path": "/x" }, "ttl": "1m", "key": { "headers": ["X-Request-Id"] } }""";
        await using var env = await GatewayEnvironment.StartAsync(Policy(Wide));
        env.Origin.Get("/x", Reply.Ok("x"));
        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync("/x", $"X-Request-Id: {i}");
        }

        var answer = await ExplainAsync(env, "/x", new Dictionary<string, string> { ["X-Request-Id"] = "new" });

        Assert.Equal(("fetch", "miss"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal("header x-request-id", answer.GetProperty("spread")[0].Text("part"));
        Assert.Equal("[]", answer.GetProperty("change").GetProperty("members").Text("key.headers"));
        Assert.Equal(2, answer.GetProperty("policy").Number("line"));
    }

    [Fact]
    public async Task PathAlone_IsAskedForAsClientsDo()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a%20b", Plain);
        await env.GetAsync("/a%20b");

        var answer = await env.PostJsonAsync("explain", new { url = "/a%20b" });
        var elsewhere = await env.PostJsonAsync("explain", new { url = "/a%20b", headers = new Dictionary<string, string> { ["Host"] = "other.test" } });

        Assert.Equal(("hit", $"{env.Address}a%20b"), (answer.Text("outcome"), answer.Text("url")));
        Assert.Equal(("fetch", "http://other.test/a%20b"), (elsewhere.Text("outcome"), elsewhere.Text("url")));
    }

    [Fact]
    public async Task Secrets_AreNotRepeated()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));
        env.Origin.Get("/x", Reply.Ok("x", "Set-Cookie: session=SECRET3"));
        await env.GetAsync("/x?note=SECRET1", "Authorization: Bearer SECRET2");

        var answer = await ExplainAsync(env, "/x?note=SECRET1", new Dictionary<string, string> { ["Authorization"] = "Bearer SECRET2" });

        Assert.DoesNotContain("SECRET", answer.GetRawText());
    }

    /// <summary>Who asks about a URL may see that there are variants for others, not with what they came.</summary>
    [Fact]
    public async Task Secrets_OfOthersVariants_AreTheirHashes()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: public, max-age=60", "Vary: Cookie, Authorization, X-Api-Key, User-Agent"));
        await env.GetAsync("/x", "Cookie: session=SECRET1", "Authorization: Bearer SECRET2", "User-Agent: me");
        await env.GetAsync("/x", "Cookie: session=SECRET1", "X-Api-Key: SECRET3", "User-Agent: me");

        var answer = await ExplainAsync(env, "/x");
        using var page = await env.AdminAsync($"/explain?url={env.Address}x");
        var html = await page.Content.ReadAsStringAsync();

        Assert.DoesNotContain("SECRET", answer.GetRawText(), StringComparison.Ordinal);
        var variants = answer.GetProperty("stored").EnumerateArray().Select(one => one.GetProperty("varyValues")).ToList();
        Assert.Equal(2, variants.Count);
        Assert.All(variants, values => Assert.Equal("me", Value(values, "User-Agent")));
        Assert.Matches("^sha256:[0-9a-f]{12}$", Value(variants[0], "Cookie"));
        Assert.Equal(Value(variants[0], "Cookie"), Value(variants[1], "Cookie"));
        Assert.Equal(1, variants.Count(values => Value(values, "X-Api-Key") == "(absent)"));
        Assert.DoesNotContain("SECRET", html, StringComparison.Ordinal);
        Assert.Contains(Value(variants[0], "Cookie"), html, StringComparison.Ordinal);

        static string Value(JsonElement values, string name) =>
            values.EnumerateObject().Single(value => value.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value.GetString()!;
    }

    [Theory]
    [InlineData("""{"url":""}""")]
    [InlineData("""{"url":"/x\r\nHost: evil"}""")]
    [InlineData("""{"url":"ftp://x/"}""")]
    [InlineData("""{"url":"http://xn--99999999999/"}""")]
    [InlineData("""{"url":"/x","headers":{"Host":"xn--99999999999"}}""")]
    [InlineData("""{"url":"/x","url":"/y"}""")]
    [InlineData("""{"url":"/x","unknown":1}""")]
    [InlineData("""{"url":"/x","headers":{"A":"b\r\nC: d"}}""")]
    [InlineData("null")]
    [InlineData("[")]
    public async Task Nonsense_IsRefusedAsAProblem(string body)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.PostAdminAsync("/api/v2/cache/explain", body);

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    private static string Policy(string section) => $$"""
        { "policies": {
          "mine": {{section}}
        } }
        """;

    private static Task<JsonElement> ExplainAsync(GatewayEnvironment env, string url, Dictionary<string, string>? headers = null, object? response = null) =>
        env.PostJsonAsync("explain", new { url = env.Address.GetLeftPart(UriPartial.Authority) + url, headers, response });

    private static double Seconds(JsonElement freshness, string name) => freshness.GetProperty(name + "Seconds").GetDouble();

    private static string Merge(string policy, string change)
    {
        var merged = System.Text.Json.Nodes.JsonNode.Parse(policy)!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(change)!.AsObject())
        {
            merged[name] = value!.DeepClone();
        }

        return merged.ToJsonString();
    }
}
