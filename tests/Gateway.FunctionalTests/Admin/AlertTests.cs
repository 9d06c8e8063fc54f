using System.Text.Json;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Operations.Alerts;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>Alerts begin when something is wrong for a while, say what to do, and end when it is right for a while.</summary>
public sealed class AlertTests
{
    private static readonly EnvironmentOptions Sensitive = new() { Settings = settings => settings with { Alerts = new AlertSettings { MinRequests = 10, Looks = 2 } } };

    [Fact]
    public async Task HitRatioLow_BeginsAfterItsLooks_AndEndsAfterItIsRight()
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive);
        env.Origin.Get("/private", Reply.Ok("x", "Cache-Control: private"));
        env.Origin.Get("/good", Reply.Ok("x", "Cache-Control: max-age=60000"));
        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync("/private");
        }

        await env.UntilRequestsAsync(10);
        await env.EndSlotAsync();
        Assert.Null(await FiringAsync(env, "hit-ratio-low"));
        await env.EndSlotAsync();
        await Deadline.Until(async () => await FiringAsync(env, "hit-ratio-low") is not null, "the alert");

        var alert = (await FiringAsync(env, "hit-ratio-low"))!.Value;
        Assert.Contains("response-private", alert.Text("title"));
        Assert.NotEmpty(alert.Text("recommendation")!);
        Assert.Equal(1, await env.MetricAsync("cachegateway_alert{rule=\"hit-ratio-low\",policy=\"transparent\"}"));
        Assert.Equal("warning", (await env.JsonAsync("health")).Text("status"));

        env.Time.AdvanceSeconds(120);
        for (var i = 0; i < 40; i++)
        {
            await env.GetAsync("/good");
        }

        await env.UntilRequestsAsync(50);
        await Deadline.Until(
            async () =>
            {
                await env.EndSlotAsync();
                return await FiringAsync(env, "hit-ratio-low") is null;
            },
            "the end of the alert");
        Assert.Equal("hit-ratio-low", (await env.JsonAsync("alerts")).GetProperty("ended")[0].Text("rule"));
    }

    [Fact]
    public async Task FewRequests_SayNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive);
        env.Origin.Get("/private", Reply.Ok("x", "Cache-Control: private"));
        for (var i = 0; i < 9; i++)
        {
            await env.GetAsync("/private");
        }

        await env.UntilRequestsAsync(9);
        for (var i = 0; i < 4; i++)
        {
            await env.EndSlotAsync();
        }

        Assert.Null(await FiringAsync(env, "hit-ratio-low"));
    }

    [Fact]
    public async Task OriginDown_IsCritical_WhileStaleAnswersGoOut()
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive);
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=1, stale-if-error=600"));
        await env.GetAsync("/x");
        await env.Origin.GoAway();
        env.Time.AdvanceSeconds(2);
        for (var i = 0; i < 5; i++)
        {
            CacheAssert.Hit(await env.GetAsync("/x"));
        }

        await Deadline.Until(
            async () =>
            {
                await env.EndSlotAsync();
                return await FiringAsync(env, "origin-down") is not null;
            },
            "the alert");
        Assert.Equal("critical", (await env.JsonAsync("health")).Text("status"));
    }

    /// <summary>What a destination that is left alone is not sent is no failure of it, and it stays down for all that.</summary>
    [Fact]
    public async Task OriginThatIsLeftAlone_FailsNoMoreThanItIsAsked_AndIsStillDown()
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive);
        await env.Origin.GoAway();
        await Deadline.Until(
            async () =>
            {
                await env.GetAsync("/x");
                return await env.MetricAsync("cachegateway_origin_left_alone") == 1;
            },
            "the destination is left alone");
        var (asked, failed) = (await env.MetricAsync("cachegateway_origin_requests_total"), await env.MetricAsync("cachegateway_origin_failures_total"));
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("origin-down", (await env.GetAsync("/x")).CacheStatus?.Detail);
        }

        Assert.Equal((asked, failed), (await env.MetricAsync("cachegateway_origin_requests_total"), await env.MetricAsync("cachegateway_origin_failures_total")));
        Assert.True(failed <= asked, $"{failed} of {asked} failed");
        await env.EndSlotAsync();
        var origin = (await env.JsonAsync("health")).GetProperty("origin");
        Assert.Equal(((long)asked, (long)failed), (origin.Number("requests"), origin.Number("unanswered")));

        // Only what is not sent any more is in the window now.
        for (var i = 0; i < 14; i++)
        {
            await env.GetAsync("/x");
            await env.EndSlotAsync();
        }

        Assert.NotNull(await FiringAsync(env, "origin-down"));
    }

    /// <summary>Each client has an error; the origin has answered one request, and badly, or refused all of them before a byte of a body.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ErrorsOfClients_AreAStorm_HoweverFewFetchesCausedThem(bool isCut)
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive);
        env.Origin.Get("/good", Reply.Ok("x", "Cache-Control: max-age=600"));
        env.Origin.Get("/bad", isCut ? Reply.Exactly("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", ReplyEnding.Reset) : Reply.Exactly("", ReplyEnding.Reset));
        for (var i = 0; i < 20; i++)
        {
            await env.GetAsync("/good");
        }

        await Deadline.Until(
            async () =>
            {
                for (var i = 0; i < 5; i++)
                {
                    Assert.InRange((await env.GetAsync("/bad")).Status, 502, 503);
                }

                await env.EndSlotAsync();
                return await FiringAsync(env, "error-storm") is not null;
            },
            "the alert");
    }

    /// <summary>An answer that breaks off in the middle is an error of the origin, once, however it went; one that was an error before is none more.</summary>
    [Theory]
    [InlineData("GET", 200, "max-age=60")]
    [InlineData("GET", 200, "private")]
    [InlineData("POST", 200, "private")]
    [InlineData("GET", 500, "private")]
    [InlineData("POST", 500, "private")]
    public async Task AnswerThatBreaksOff_IsAnErrorOfTheOrigin(string method, int status, string control)
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive);
        env.Origin.On(null, "/x", _ => Reply.Exactly($"HTTP/1.1 {status} Said\r\nContent-Length: 10\r\nCache-Control: {control}\r\n\r\n123", ReplyEnding.Reset));
        await using var client = await env.ConnectAsync();
        await client.SendAsync($"{method} /x HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 0\r\n\r\n");

        await env.UntilMetric("cachegateway_origin_errors_total", count => count == 1);
        await env.UntilRequestsAsync(1);
        Assert.Equal((1, 0), (await env.MetricAsync("cachegateway_origin_errors_total"), await env.MetricAsync("cachegateway_origin_failures_total")));
    }

    /// <summary>A Redis that was never there: one alert says so, and none counts how late is what nobody could send.</summary>
    [Fact]
    public async Task RedisThatWasNeverThere_IsOneAlert_AndNoLag()
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive with
        {
            Settings = settings => Sensitive.Settings(settings) with { Redis = new Storage.Redis.RedisSettings { EndPoints = ["127.0.0.1:9"] } },
        });
        await Deadline.Until(
            async () =>
            {
                await env.EndSlotAsync();
                return await FiringAsync(env, "redis-away") is not null;
            },
            "the alert");
        await env.EndSlotAsync();
        await env.EndSlotAsync();

        Assert.Null(await FiringAsync(env, "bus-lag"));
        Assert.Equal(JsonValueKind.Null, (await env.JsonAsync("health")).GetProperty("bus").GetProperty("lagMs").ValueKind);
    }

    /// <summary>A Redis that answers and refuses what invalidations need: the node hears of none, and no connection is missing.</summary>
    [Fact]
    [Fault("F-13", "The right to run scripts is missing from the start: an alert says that the node hears of no invalidation, and it ends when the right is there")]
    public async Task FenceThatIsRefused_IsAnAlert()
    {
        await using var redis = await RedisServer.StartAsync("--user", "default", "on", ">secret", "~*", "&*", "+@all", "-eval", "-evalsha", "--user", "admin", "on", ">admin", "~*", "&*", "+@all");
        await using var env = await GatewayEnvironment.StartAsync(Sensitive with
        {
            Settings = settings => Sensitive.Settings(settings) with { Redis = new Storage.Redis.RedisSettings { EndPoints = [redis.Address], Password = "secret" } },
        });

        await UntilAsync(true);
        Assert.Null(await FiringAsync(env, "redis-away"));
        Assert.Equal("critical", (await env.JsonAsync("health")).Text("status"));
        await redis.CommandLineAsync("--user", "admin", "--pass", "admin", "ACL", "SETUSER", "default", "+eval", "+evalsha");
        await UntilAsync(false);

        Task UntilAsync(bool fires) => Deadline.Until(
            async () =>
            {
                await env.EndSlotAsync();
                return await FiringAsync(env, "bus-blind") is not null == fires;
            },
            fires ? "the alert" : "its end");
    }

    /// <summary>What passes because caching is off is taken by no policy on purpose.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CachingSwitchedOff_IsNoMisspeltPath(bool inFile)
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive with
        {
            Policies = $$"""{ "enabled": {{(inFile ? "false" : "true")}}, "policies": { "mine": { "match": { "path": "/x" }, "ttl": "1m" } } }""",
            Settings = settings => Sensitive.Settings(settings) with { CacheEnabled = inFile },
        });
        env.Origin.Get("/x", Reply.Ok("x"));
        for (var i = 0; i < 20; i++)
        {
            await env.GetAsync("/x");
        }

        await env.UntilRequestsAsync(20);
        await env.EndSlotsAsync(4);

        Assert.Null(await FiringAsync(env, "no-policy"));
    }

    [Fact]
    public async Task BrokenPolicies_LeadToTheirErrors()
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive with { Policies = """{ "policies": {} }""" });
        await env.ChangePoliciesAsync("""{ "policies": {}, "policys": {} }""");
        await Deadline.Until(
            async () =>
            {
                await env.EndSlotAsync();
                return await FiringAsync(env, "policies-broken") is not null;
            },
            "the alert");

        using var page = await env.AdminAsync("/");
        var html = await page.Content.ReadAsStringAsync();

        Assert.Contains("The policy file has 1 error;", html, StringComparison.Ordinal);
        Assert.Contains("as soon as it is right. <a href=\"/policies\">See the errors</a>", html, StringComparison.Ordinal);
    }

    /// <summary>With caching switched off nobody expects a policy to take anything: what fired ends, and everybody who heard of it hears that.</summary>
    [Fact]
    public async Task AlertWhoseRuleIsAskedNoMore_Ends()
    {
        const string Policies = """ "policies": { "a": { "match": { "path": "/a" }, "ttl": "1m" } } }""";
        await using var env = await GatewayEnvironment.StartAsync(Sensitive with { Policies = "{" + Policies });
        env.Origin.Get("/b", Reply.Ok("x"));
        for (var i = 0; i < 20; i++)
        {
            await env.GetAsync("/b");
        }

        await env.UntilRequestsAsync(20);
        await env.EndSlotAsync();
        await env.EndSlotAsync();
        Assert.NotNull(await FiringAsync(env, "no-policy"));

        await env.ChangePoliciesAsync("{ \"enabled\": false," + Policies);
        await env.EndSlotAsync();

        Assert.Null(await FiringAsync(env, "no-policy"));
        var ended = Assert.Single((await env.JsonAsync("alerts")).GetProperty("ended").EnumerateArray());
        Assert.Equal("no-policy", ended.Text("rule"));
        Assert.Equal(0, await env.MetricAsync("cachegateway_alert{rule=\"no-policy\",policy=\"\"}"));
    }

    [Fact]
    public async Task AlertOfAPolicy_StandsApartFromItsLinks()
    {
        await using var env = await GatewayEnvironment.StartAsync(Sensitive);
        env.Origin.Get("/private", Reply.Ok("x", "Cache-Control: private"));
        for (var i = 0; i < 20; i++)
        {
            await env.GetAsync("/private");
        }

        await env.UntilRequestsAsync(20);
        await Deadline.Until(
            async () =>
            {
                await env.EndSlotAsync();
                return await FiringAsync(env, "hit-ratio-low") is not null;
            },
            "the alert");

        using var page = await env.AdminAsync("/");
        var html = await page.Content.ReadAsStringAsync();

        Assert.Contains("names the change. <a href=\"/policies/transparent\">See the policy</a>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("</a>or", html, StringComparison.Ordinal);
    }

    private static async Task<JsonElement?> FiringAsync(GatewayEnvironment env, string rule)
    {
        var firing = (await env.JsonAsync("alerts")).GetProperty("firing").EnumerateArray().Where(alert => alert.Text("rule") == rule).ToArray();
        return firing.Length == 0 ? null : firing[0];
    }
}
