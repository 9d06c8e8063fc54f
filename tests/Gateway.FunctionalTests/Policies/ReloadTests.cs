using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>A changed file takes effect without a restart; a broken one changes nothing.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task Change_ThatIsRight_TakesEffect()
    {
        await using var env = await StartAsync(PolicyText.Of());
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(PolicyText.Of("\"enabled\": false"));

        CacheAssert.Miss(await env.GetAsync("/x"));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("F16", "A configuration that attacks its reader")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{ \"policies\": { \"all\": { \"ttl\": \"-5m\" } } }")]
    [InlineData("{ \"policies\": { \"all\": { \"tttl\": \"5m\" } } }")]
    public async Task Change_ThatIsWrong_KeepsTheLastGoodTableAndItsEntries(string broken)
    {
        await using var env = await StartAsync(PolicyText.Of());
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(broken);

        CacheAssert.Hit(await env.GetAsync("/x"));
        await env.GetAsync("/new");
        CacheAssert.Hit(await env.GetAsync("/new"));
        Assert.Contains("warning: the policy file was changed and cannot be used, the last good one stays: ", await HealthAsync(env), StringComparison.Ordinal);
        await env.ChangePoliciesAsync(PolicyText.Of("\"ttl\": \"1m\""));
        Assert.DoesNotContain("policy file", await HealthAsync(env), StringComparison.Ordinal);
    }

    /// <summary>What is written and is not in force is worth an alert.</summary>
    [Fact]
    public async Task Changes_AreCounted_TakenAndRefusedApart()
    {
        await using var env = await StartAsync(PolicyText.Of());
        Assert.Equal((0, 0), (await ReloadsAsync(env, "policies", "taken"), await ReloadsAsync(env, "policies", "refused")));

        await env.ChangePoliciesAsync(PolicyText.Of("\"ttl\": \"1m\""));
        await env.ChangePoliciesAsync("{");
        await env.ChangePoliciesAsync("{ \"policies\": 1 }");

        Assert.Equal((1, 2), (await ReloadsAsync(env, "policies", "taken"), await ReloadsAsync(env, "policies", "refused")));
        Assert.Equal((0, 0), (await ReloadsAsync(env, "config", "taken"), await ReloadsAsync(env, "config", "refused")));
    }

    [Theory]
    [InlineData("\"profile\": \"rfc9111\"", "\"profile\": \"safe\"")]
    [InlineData("\"setCookie\": \"strip\"", "\"setCookie\": \"profile\"")]
    [InlineData("\"forwardOnly\": false", "\"forwardOnly\": true")]
    [InlineData("\"vary\": { \"Accept\": \"normalise\" }", "\"vary\": { \"Accept\": \"bypass\" }")]
    [InlineData("\"dropRequestHeaders\": [\"X-A\"]", "\"dropRequestHeaders\": [\"X-A\", \"X-B\"]")]
    [InlineData("\"forwardTags\": true", "\"forwardTags\": false")]
    [InlineData("\"ignoreDirectives\": [\"no-store\"]", "\"ignoreDirectives\": []")]
    public async Task Change_OfWhatSaysWhoMaySeeWhatIsStored_BeginsAnew(string before, string after)
    {
        await using var env = await StartAsync(PolicyText.Of(before));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", "Vary: Accept"));
        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));

        await env.ChangePoliciesAsync(PolicyText.Of(after));

        CacheAssert.Miss(await env.GetAsync("/x"));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("", "\"profile\": \"safe\", \"forwardOnly\": false, \"setCookie\": \"profile\", \"vary\": {}, \"dropRequestHeaders\": [], \"forwardTags\": false, \"ignoreDirectives\": []")]
    [InlineData("\"vary\": { \"A\": \"exact\", \"b\": \"bypass\" }", "\"vary\": { \"B\": \"bypass\", \"a\": \"exact\" }")]
    [InlineData("\"dropRequestHeaders\": [\"X-A\", \"X-B\"]", "\"dropRequestHeaders\": [\"x-b\", \"x-a\"]")]
    public async Task Change_ThatSaysTheSame_KeepsTheEntries(string before, string after)
    {
        await using var env = await StartAsync(PolicyText.Of(before));
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(PolicyText.Of(after));

        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    /// <summary>The header is in no other part of the key: what one tenant's requests brought is nothing for the next one's.</summary>
    [Theory]
    [InlineData("\"X-Tenant\": \"globex\"", "globex")]
    [InlineData("\"X-Tenant\": \"*\"", "globex")]
    [InlineData("", "none")]
    public async Task Change_OfAConditionOnAHeader_BeginsAnew(string after, string tenant)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithConditions("\"X-Tenant\": \"acme\""));
        env.Origin.Get("/x", request => Reply.Ok(request.Header("X-Tenant") ?? "none"));
        Assert.Equal("acme", (await env.GetAsync("/x", "X-Tenant: acme")).Text);

        await env.ChangePoliciesAsync(WithConditions(after));

        var answer = await env.GetAsync("/x", tenant == "none" ? "X-Other: 1" : $"X-Tenant: {tenant}");
        Assert.Equal(tenant, answer.Text);
        CacheAssert.Miss(answer, Reason.Miss);
    }

    [Fact]
    public async Task Change_ThatSaysTheSameConditions_KeepsTheEntries()
    {
        await using var env = await StartAsync(WithConditions("\"X-Tenant\": \"acme\", \"X-B\": \"*\""));
        await env.GetAsync("/x", "X-Tenant: acme", "X-B: 1");

        await env.ChangePoliciesAsync(WithConditions("\"x-b\": \"*\", \"x-tenant\": \"acme\""));

        CacheAssert.Hit(await env.GetAsync("/x", "X-Tenant: acme", "X-B: 1"));
    }

    [Fact]
    public async Task Change_OfAnotherPolicy_KeepsTheEntries()
    {
        await using var env = await StartAsync(PolicyText.Of());
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(PolicyText.Of().Replace("{ \"policies\": {", "{ \"policies\": { \"other\": { \"match\": { \"path\": \"/o\" } },", StringComparison.Ordinal));

        CacheAssert.Hit(await env.GetAsync("/x"));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    /// <summary>What was stored without a path is found by its whole target alone; a write on the path would miss it.</summary>
    [Fact]
    public async Task Change_ThatGivesAPath_BeginsAnew()
    {
        await using var env = await StartAsync("""{ "policies": { "all": { "ttl": "1d" } } }""");
        env.Origin.On("PUT", "/x", _ => Reply.Of(204, ""));
        await env.GetAsync("/x?q=1");

        await env.ChangePoliciesAsync(PolicyText.Of());
        await env.SendAsync("PUT", "/x", "");

        CacheAssert.Miss(await env.GetAsync("/x?q=1"));
    }

    /// <summary>What was stored stays where it was, and writes go on clearing it.</summary>
    [Theory]
    [InlineData("\"path\": \"/x\"", "\"path\": [\"/x\", \"/y\"]")]
    [InlineData("\"path\": \"/x\", \"hosts\": [\"shop.test\"]", "\"path\": \"/x\", \"hosts\": [\"shop.test\", \"other.test\"]")]
    [InlineData("\"path\": \"/x\", \"hosts\": [\"shop.test\"]", "\"path\": \"/x\"")]
    public async Task Change_ThatAddsAPathOrAHost_KeepsTheEntries(string before, string after)
    {
        await using var env = await StartAsync(Matching(before));
        await env.GetAsync("/x", "Host: shop.test");

        await env.ChangePoliciesAsync(Matching(after));

        CacheAssert.Hit(await env.GetAsync("/x", "Host: shop.test"));
        Assert.Equal(0, await env.MetricAsync("cachegateway_invalidations_total"));

        static string Matching(string match) => $$"""{ "policies": { "p": { "match": { {{match}} }, "ttl": "1d", "tags": ["t"] } } }""";
    }

    [Fact]
    public async Task PolicyTakenOutAndPutBack_RevivesNothing()
    {
        const string With = """
            { "policies": {
                "one": { "match": { "path": "/x" }, "ttl": "1d", "tags": ["t"] },
                "writes": { "match": { "path": "/w" }, "ttl": "1d", "invalidates": ["t"] } } }
            """;
        await using var env = await StartAsync(With);
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync("""{ "policies": { "other": { "match": { "path": "/o" }, "ttl": "1d" } } }""");
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        // Nobody raises "t" for this one.
        await env.SendAsync("PUT", "/w", "");
        await env.ChangePoliciesAsync(With);

        CacheAssert.Miss(await env.GetAsync("/x"));
    }

    /// <summary>Under the other name of its tag a write raised nothing of what has the one.</summary>
    [Fact]
    public async Task TagRenamedAndRenamedBack_RevivesNothing()
    {
        static string With(string tag) => $$"""
            { "policies": {
                "one": { "match": { "path": "/x" }, "ttl": "1d", "tags": ["{{tag}}"] },
                "writes": { "match": { "path": "/w" }, "ttl": "1d", "invalidates": ["{{tag}}"] } } }
            """;
        await using var env = await StartAsync(With("t"));
        await env.GetAsync("/x");

        await env.ChangePoliciesAsync(With("other"));
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        await env.SendAsync("PUT", "/w", "");
        await env.ChangePoliciesAsync(With("t"));

        CacheAssert.Miss(await env.GetAsync("/x"));
    }

    /// <summary>Another gateway that still had it may have stored since; what is written there meanwhile raises nothing of it here.</summary>
    [Fact]
    public async Task PolicyPutBack_IsClearedOnceMore()
    {
        const string With = """{ "policies": { "one": { "match": { "path": "/x" }, "ttl": "1d" } } }""";
        await using var env = await StartAsync(With);
        await env.ChangePoliciesAsync("""{ "policies": { } }""");
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);

        await env.ChangePoliciesAsync(With);

        await env.UntilMetric("cachegateway_invalidations_total", count => count == 2);
    }

    [Fact]
    public async Task FirstLoad_ThatIsWrong_StopsTheStart()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => GatewayEnvironment.StartAsync("{ \"policies\": { \"all\": { \"ttl\": \"-5m\" } } }"));

        Assert.Contains("-5m", failure.Message, StringComparison.Ordinal);
    }

    private static string WithConditions(string headers) =>
        $$"""{ "policies": { "p": { "match": { "path": "/x", "headers": { {{headers}} } }, "ttl": "1d" } } }""";

    private static Task<double> ReloadsAsync(GatewayEnvironment env, string file, string result) =>
        env.MetricAsync($"cachegateway_config_reloads_total{{file=\"{file}\",result=\"{result}\"}}");

    private static async Task<GatewayEnvironment> StartAsync(string policies)
    {
        var env = await GatewayEnvironment.StartAsync(policies);
        env.Origin.Get("/*", Reply.Ok("x"));
        return env;
    }

    private static async Task<string> HealthAsync(GatewayEnvironment env)
    {
        using var answer = await env.AdminAsync("/healthz");
        return await answer.Content.ReadAsStringAsync();
    }
}
