using System.Text.Json;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>What is told as the reason is the reason, and nothing is proposed that would do harm or not work.</summary>
public sealed class ExplainReasonTests
{
    /// <summary>What another URL of the policy was answered is no reason of this one's miss, and nothing to change the policy for.</summary>
    [Fact]
    public async Task RefusalOfAnotherKey_IsToldAsSuch_AndIsNoReason()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/{id}" }, "ttl": "1m" }"""));
        env.Origin.Get("/bad", Reply.Of(500, "no"));
        await env.GetAsync("/bad");

        var answer = await ExplainAsync(env, "/good");

        Assert.Equal(("fetch", "miss"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (answer.GetProperty("change").ValueKind, answer.GetProperty("response").ValueKind));
        var step = answer.GetProperty("steps").EnumerateArray().Single(one => one.Text("name") == "elsewhere");
        Assert.Equal("response-status", step.Text("result"));
        Assert.Contains("another key of the policy", step.Text("detail"), StringComparison.Ordinal);
    }

    /// <summary>An error that was followed by an answer that could be stored is over.</summary>
    [Fact]
    public async Task RefusalBeforeAnAnswerThatWasStored_IsForgotten()
    {
        var isBroken = true;
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));
        env.Origin.Get("/x", _ => Volatile.Read(ref isBroken) ? Reply.Of(500, "no") : Reply.Ok("x"));
        await env.GetAsync("/x");
        Volatile.Write(ref isBroken, false);
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));
        (await env.InvalidateAsync(new { all = true })).Dispose();

        var answer = await ExplainAsync(env, "/x");

        Assert.Equal(("fetch", "invalidated"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (answer.GetProperty("change").ValueKind, answer.GetProperty("response").ValueKind));
        Assert.DoesNotContain(answer.GetProperty("steps").EnumerateArray(), step => step.Text("name") == "elsewhere");
    }

    /// <summary>Where caching is off, no policy was looked for, and nothing is wrong with any.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CachingSwitchedOff_IsSaidAsSuch(bool inFile)
    {
        await using var env = await StartOffAsync(inFile);
        env.Origin.Get("/x", Reply.Ok("x"));

        var answer = await ExplainAsync(env, "/x");

        Assert.Equal(("pass", "cache-off"), (answer.Text("outcome"), answer.Text("reason")));
        var step = answer.GetProperty("steps").EnumerateArray().Single(one => one.Text("name") == "policy");
        Assert.Equal(("off", $"caching is switched off as a whole by {SwitchOf(inFile)}: nothing is kept or served by any policy"), (step.Text("result"), step.Text("detail")));
        Assert.Contains($"caching is switched off as a whole by {SwitchOf(inFile)}: every request goes to the origin", (await env.JsonAsync("health")).GetProperty("warnings").EnumerateArray().Select(one => one.GetString()));
        using var list = await env.AdminAsync("/policies");
        Assert.Contains("Caching is switched off", await list.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var page = await env.AdminAsync("/policies/mine");
        Assert.Contains("<dt>State</dt><dd>off: caching is switched off as a whole", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Each user has asked once: that is cacheable, and sharing it would show them each other's.</summary>
    [Fact]
    public async Task ManyUsersOfOnePath_AreNeverToBeShared()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));
        env.Origin.Get("/x", Reply.Ok("x"));
        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync("/x", $"Authorization: Bearer {i}");
        }

        var answer = await ExplainAsync(env, "/x", new Dictionary<string, string> { ["Authorization"] = "Bearer new" });

        Assert.Equal(("fetch", "miss"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal(("identity", 10), (answer.GetProperty("spread")[0].Text("part"), answer.GetProperty("spread")[0].Number("values")));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
    }

    /// <summary>A field that says who asks tells users apart on purpose, whatever the rule of identities is.</summary>
    [Theory]
    [InlineData("\"identity\": \"share\", \"sharedOnPurpose\": \"per tenant\", \"headers\": [\"X-Tenant-Id\"]", "X-Tenant-Id")]
    [InlineData("\"identity\": \"share\", \"sharedOnPurpose\": \"per user\", \"headers\": [\"X-Theme\", \"X-User-Id\"]", "X-User-Id")]
    [InlineData("\"headers\": [\"X-Tenant-Id\"]", "X-Tenant-Id")]
    public async Task FieldThatSaysWhoAsks_IsNeverToLeaveTheKey(string rules, string name)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy($$"""{ "match": { "path": "/x" }, "ttl": "1m", "key": { {{rules}} } }"""));
        env.Origin.Get("/x", Reply.Ok("x"));
        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync("/x", $"{name}: {i}");
        }

        var answer = await ExplainAsync(env, "/x", new Dictionary<string, string> { [name] = "new" });

        Assert.Equal(("fetch", "miss"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Contains(answer.GetProperty("spread").EnumerateArray(), spread => spread.Text("part")!.Equals($"header {name}", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
    }

    /// <summary>Without one of the two, the other would tell the same entries apart.</summary>
    [Fact]
    public async Task KeyThatTwoPartsSpread_IsNotNarrowedByOne()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m", "key": { "headers": ["X-Request-Id"] } }"""));
        env.Origin.Get("/x", Reply.Ok("x"));
        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync($"/x?at={i}", $"X-Request-Id: {i}");
        }

        var answer = await ExplainAsync(env, "/x?at=new", new Dictionary<string, string> { ["X-Request-Id"] = "new" });

        Assert.Equal(2, answer.GetProperty("spread").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
    }

    /// <summary>A policy of its own for the path would come before the one with conditions, and take from it, without its tags, what meets them.</summary>
    [Theory]
    [InlineData("\"path\": \"/products/{id}\", \"query\": { \"view\": \"full\" }", "takes /products/{id}, but the query has no view=full")]
    [InlineData("\"headers\": { \"X-View\": \"full\" }", "takes every path, but there is no header X-View: full")]
    public async Task PathOfAPolicyWithConditions_IsGivenNoPolicyOfItsOwn(string match, string said)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy($$"""{ "match": { {{match}} }, "ttl": "1m" }"""));

        var answer = await ExplainAsync(env, "/products/7?view=short");

        Assert.Equal(("pass", "no-policy"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
        Assert.Contains($"Policy \"mine\" {said}", answer.Text("mustNot"), StringComparison.Ordinal);
    }

    /// <summary>What is there for writes alone, or comes first by its condition, has nothing taken from it.</summary>
    [Theory]
    [InlineData("\"path\": \"/products/{id}\", \"methods\": [\"POST\"]")]
    [InlineData("\"path\": \"/products/7\", \"query\": { \"view\": \"full\" }")]
    public async Task PathOfAPolicyThatStaysFirst_IsGivenAPolicy(string match)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy($$"""{ "match": { {{match}} }, "ttl": "1m" }"""));

        var answer = await ExplainAsync(env, "/products/7");

        Assert.Equal("no-policy", answer.Text("reason"));
        Assert.Contains("/products/7", answer.GetProperty("change").GetProperty("members").Text("match"), StringComparison.Ordinal);
    }

    /// <summary>What was said to one client, of its rights, its message or its pace, is nobody else's answer.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(408)]
    [InlineData(413)]
    [InlineData(421)]
    [InlineData(429)]
    public async Task StatusThatSpeaksOfWhoAsked_IsNotToBeStored(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));

        var answer = await ExplainAsync(env, "/x", response: new { status });

        Assert.Equal("response-status", answer.Text("reason"));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
        Assert.Contains($"Status {status} ", answer.Text("mustNot"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatusOfABrokenOrigin_MayBeStoredForAMoment()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""));

        var answer = await ExplainAsync(env, "/x", response: new { status = 503 });

        Assert.Equal("\"10s\"", answer.GetProperty("change").GetProperty("members").Text("statuses.503"));
    }

    /// <summary>The transparent cache takes every path; the first policy ends it.</summary>
    [Fact]
    public async Task FirstPolicy_IsProposedWithWhatItEnds()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var answer = await ExplainAsync(env, "/x", response: new { status = 200 });

        Assert.Equal("response-no-freshness", answer.Text("reason"));
        Assert.Contains("only the paths it names are cached", answer.GetProperty("change").Text("caution"), StringComparison.Ordinal);
    }

    /// <summary>An eighth of the memory is the most that one response may take, whatever maxBody says.</summary>
    [Theory]
    [InlineData(64, 10)]
    [InlineData(256, 40)]
    public async Task BodyLargerThanTheMemoryTakes_IsNotCalledStorable_AndMaxBodyIsNoCure(int memory, int body)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = Policy("""{ "match": { "path": "/x" }, "ttl": "1m" }"""),
            Settings = settings => settings with { MemoryBytes = (long)memory << 20 },
        });

        var answer = await ExplainAsync(env, "/x", response: new { status = 200, headers = new Dictionary<string, string> { ["Content-Length"] = $"{body << 20}" } });

        Assert.Equal("response-too-large", answer.Text("reason"));
        Assert.False(answer.GetProperty("response").GetProperty("stores").GetBoolean());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
        Assert.Contains("--memory", answer.Text("mustNot"), StringComparison.Ordinal);
    }

    /// <summary>Its head said nothing of its length: only the body told, and how large it would have to be nobody knows.</summary>
    [Fact]
    public async Task BodyThatOutgrewTheLimit_IsExplainedByThat()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policy("""{ "match": { "path": "/x" }, "ttl": "1m", "maxBody": "64KB" }"""));
        env.Origin.Get("/x", Reply.Chunked([new byte[100_000]], "Cache-Control: max-age=60"));
        Assert.Equal(100_000, (await env.GetAsync("/x")).Body.Length);

        foreach (var isPassing in (bool[])[false, true])
        {
            var answer = await ExplainAsync(env, "/x");

            Assert.Equal(("pass", "response-too-large"), (answer.Text("outcome"), answer.Text("reason")));
            Assert.Equal((false, "response-too-large"), (answer.GetProperty("response").GetProperty("stores").GetBoolean(), answer.GetProperty("response").Text("reason")));
            Assert.Equal(JsonValueKind.Null, answer.GetProperty("change").ValueKind);
            Assert.Contains("maxBody", answer.Text("mustNot"), StringComparison.Ordinal);
            if (!isPassing)
            {
                CacheAssert.Miss(await env.GetAsync("/x"), CacheGateway.Model.Reason.HitForMiss);
            }
        }
    }

    /// <summary>A new policy takes what the file says for all.</summary>
    [Fact]
    public async Task NewPolicy_UnderTheFilesDefaults_Works()
    {
        const string Defaults = """ "defaults": { "origin": "respect" }, "policies": { "other": { "match": { "path": "/other" }, "ttl": "1m" }""";
        await using var env = await GatewayEnvironment.StartAsync($$"""{ {{Defaults}} } }""");
        env.Origin.Get("/products", Reply.Ok("x"));

        var change = (await ExplainAsync(env, "/products")).GetProperty("change");

        await env.ChangePoliciesAsync($$"""{ {{Defaults}}, "new": {{change.Text("json")}} } }""");
        await env.GetAsync("/products");
        CacheAssert.Hit(await env.GetAsync("/products"));
    }

    /// <summary>Of two that the request could have, the newer one is dead.</summary>
    [Fact]
    public async Task VariantThatIsDead_HidesNoneThatIsNot()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => request.Header("X-A") == "1" ? Reply.Ok("old", "Cache-Control: max-age=60", "Vary: X-A") : Reply.Ok("new", "Cache-Control: max-age=60", "Cache-Tag: new"));
        await env.GetAsync("/x", "X-A: 1");
        env.Time.AdvanceSeconds(2);
        await env.GetAsync("/x", "X-A: 2");
        await env.InvalidateAsync("new");

        var answer = await ExplainAsync(env, "/x", new Dictionary<string, string> { ["X-A"] = "1" });

        Assert.Equal("old", (await env.GetAsync("/x", "X-A: 1")).Text);
        Assert.Equal(("hit", "fresh"), (answer.Text("outcome"), answer.Text("reason")));
        Assert.Equal(1, answer.GetProperty("stored").EnumerateArray().Count(one => one.GetProperty("isSelected").GetBoolean() && one.GetProperty("varyValues").EnumerateObject().Any()));
    }

    /// <summary>With a policy for /x, and caching off by the file or by CACHE_ENABLED.</summary>
    private static Task<GatewayEnvironment> StartOffAsync(bool inFile) => GatewayEnvironment.StartAsync(new EnvironmentOptions
    {
        Policies = $$"""{ "enabled": {{(inFile ? "false" : "true")}}, "policies": { "mine": { "match": { "path": "/x" }, "ttl": "1m" } } }""",
        Settings = settings => settings with { CacheEnabled = inFile },
    });

    private static string SwitchOf(bool inFile) => inFile ? "\"enabled\": false in the policy file" : "CACHE_ENABLED";

    private static string Policy(string section) => $$"""
        { "policies": {
          "mine": {{section}}
        } }
        """;

    private static Task<JsonElement> ExplainAsync(GatewayEnvironment env, string url, Dictionary<string, string>? headers = null, object? response = null) =>
        env.PostJsonAsync("explain", new { url = env.Address.GetLeftPart(UriPartial.Authority) + url, headers, response });
}
