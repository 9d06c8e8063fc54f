namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Which fields speak to this cache before Cache-Control is the operator's choice.</summary>
public sealed class TargetedFieldTests
{
    [Theory]
    [Covers("RFC 9213 2.2", "the configured fields, the most specific first")]
    [InlineData("Surrogate-Control", "Surrogate-Control: max-age=60", "", true)]
    [InlineData("Surrogate-Control", "Surrogate-Control: no-store", "Cache-Control: max-age=60", false)]
    [InlineData("Surrogate-Control", "CDN-Cache-Control: max-age=60", "", false)]
    [InlineData("Shop-Cache-Control,CDN-Cache-Control", "Shop-Cache-Control: max-age=60", "CDN-Cache-Control: no-store", true)]
    public async Task ConfiguredField_GoesBeforeCacheControl(string names, string one, string other, bool stored)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { TargetedFields = names.Split(',') },
        });
        env.Origin.Get("/x", Reply.Ok("x", [.. new[] { one, other }.Where(line => line.Length > 0)]));

        await env.GetAsync("/x");
        await env.GetAsync("/x");

        Assert.Equal(stored ? 1 : 2, env.Origin.Requests("/x"));
    }
}
