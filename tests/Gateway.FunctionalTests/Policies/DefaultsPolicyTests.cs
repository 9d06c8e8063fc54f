namespace CacheGateway.FunctionalTests.Policies;

/// <summary>What stands in <c>defaults</c> holds for a policy that does not set it.</summary>
public sealed class DefaultsPolicyTests
{
    private const string Ttl = "\"ttl\": \"100s\"";

    [Theory]
    [CoversPolicy(
        "$.defaults.ttl", "$.defaults.origin", "$.defaults.profile", "$.defaults.heuristics", "$.defaults.staleWhileRevalidate", "$.defaults.staleIfError",
        "$.defaults.maxBody")]
    [InlineData(Ttl, "", "", 99, "fresh")]
    [InlineData("\"origin\": \"override\"", Ttl, "Cache-Control: max-age=10", 99, "fresh")]
    [InlineData("\"profile\": \"rfc9111\"", Ttl, "Set-Cookie: a=b", 99, "fresh")]
    [InlineData("\"heuristics\": true", "", "Last-Modified: Tue, 04 Mar 2031 10:00:00 GMT", 99, "fresh")]
    [InlineData("\"staleWhileRevalidate\": \"30s\"", Ttl, "", 129, "stale-while-revalidate")]
    [InlineData("\"staleIfError\": \"30s\"", Ttl, "", 129, "stale-if-error")]
    [InlineData("\"maxBody\": \"2B\"", Ttl, "", 1, "fresh")]
    [InlineData("\"maxBody\": \"1B\"", Ttl, "", 1, null)]
    public async Task Defaults_HoldWhereThePolicySaysNothing(string defaults, string members, string line, int after, string? detail)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "defaults": { {{defaults}} }, "policies": { "all": { {{members}} } } }""");
        env.Origin.Get("/x", Reply.Ok("xx", line.Length > 0 ? [line] : []), Reply.Of(503, "down"));

        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(after);
        var second = await env.GetAsync("/x");

        if (detail is null)
        {
            Assert.Equal(503, second.Status);
        }
        else
        {
            CacheAssert.Hit(second);
            Assert.Equal(detail, second.CacheStatus!.Detail);
        }
    }
}
