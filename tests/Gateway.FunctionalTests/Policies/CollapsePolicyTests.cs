using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>How long a request waits for the answer to somebody else's.</summary>
public sealed class CollapsePolicyTests
{
    private const string Waiting = "cachegateway_fill_waiting";

    [Theory]
    [CoversPolicy("collapseWaitUnknown", "$.defaults.collapseWaitUnknown")]
    [InlineData("", "", 5)]
    [InlineData("", "\"collapseWaitUnknown\": \"2s\", \"collapseWait\": \"9s\"", 2)]
    [InlineData("\"collapseWaitUnknown\": \"2s\", \"collapseWait\": \"9s\"", "", 2)]
    public async Task CollapseWaitUnknown_IsTheLimitOnAKeyNeverStored(string defaults, string members, int seconds)
    {
        await using var env = await StartAsync(defaults, members);

        await AssertWaitsAsync(env, seconds);
    }

    [Theory]
    [CoversPolicy("collapseWait", "$.defaults.collapseWait")]
    [InlineData("", "", 5)]
    [InlineData("", "\"collapseWait\": \"2s\", \"collapseWaitUnknown\": \"9s\"", 2)]
    [InlineData("\"collapseWait\": \"2s\", \"collapseWaitUnknown\": \"9s\"", "", 2)]
    public async Task CollapseWait_IsTheLimitOnAKeyStoredBefore(string defaults, string members, int seconds)
    {
        await using var env = await StartAsync(defaults, members);
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        await AssertWaitsAsync(env, seconds);
    }

    private static async Task<GatewayEnvironment> StartAsync(string defaults, string members)
    {
        var env = await GatewayEnvironment.StartAsync(
            $$"""{ "defaults": { {{defaults}} }, "policies": { "all": { "ttl": "60s"{{(members.Length > 0 ? ", " : "")}}{{members}} } } }""");
        env.Origin.Get("/x", Reply.Ok("x"));
        return env;
    }

    private static async Task AssertWaitsAsync(GatewayEnvironment env, int seconds)
    {
        var asked = env.Origin.Requests("/x");
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x", asked + 1);
        var second = env.GetAsync("/x");
        await env.UntilMetric(Waiting, count => count == 1);

        env.Time.AdvanceSeconds(seconds - 0.1);
        Assert.Equal(1, await env.MetricAsync(Waiting));
        env.Time.AdvanceSeconds(0.2);
        await env.Origin.Reached("/x", asked + 2);
        env.Origin.Release("/x");

        CacheAssert.Miss(await second, Reason.WaitTimeout);
        await first;
    }
}
