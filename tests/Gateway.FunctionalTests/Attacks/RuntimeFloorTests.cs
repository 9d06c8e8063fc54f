using CacheGateway.Hosting;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>A runtime with known holes is told about, and serves.</summary>
public sealed class RuntimeFloorTests
{
    [Theory]
    [Attack("D26", "Holes of the runtime beneath")]
    [InlineData("1.0.0", false)]
    [InlineData("99.0.0", true)]
    public async Task OldRuntime_IsSaidByHealth_AndServes(string lowest, bool told)
    {
        await using var env = await Wire.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MinimumRuntime = Version.Parse(lowest) } });

        foreach (var path in (string[])["/healthz", "/api/v2/cache/health", "/nodes"])
        {
            Assert.Equal(told, (await env.AdminTextAsync(path)).Contains("known security holes", StringComparison.Ordinal));
        }

        await Wire.LivesAsync(env);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("ten")]
    [InlineData("10.0")]
    public void Floor_ThatIsNoVersion_IsRefused(string text) =>
        Assert.Throws<SettingsException>(() => SettingsReader.Read(new Dictionary<string, string> { ["Origin"] = "http://127.0.0.1:1", ["Security:MinimumRuntime"] = text }));
}
