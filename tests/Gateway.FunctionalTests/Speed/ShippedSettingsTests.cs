using System.Text.Json;
using System.Text.RegularExpressions;
using CacheGateway.FunctionalTests.Documentation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CacheGateway.FunctionalTests.Speed;

/// <summary>The settings that ship, as docs/performance.md lists them: none is missed by any answer, only by its speed.</summary>
public sealed partial class ShippedSettingsTests
{
    [Theory]
    [InlineData("System.GC.Server", "false")]
    [InlineData("System.GC.Concurrent", "true")]
    [InlineData("System.Runtime.TieredPGO", "true")]
    [InlineData("System.Runtime.TieredCompilation.CallCountingDelayMs", "10")]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", "0")]
    public void Runtime_IsSetByTheBuild(string name, string value)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "CacheGateway.runtimeconfig.json")));

        Assert.Equal(value, file.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty(name).GetRawText());
    }

    /// <summary>What is measured is what ships.</summary>
    [Theory]
    [InlineData("src/Gateway/Dockerfile")]
    [InlineData("bench/compare")]
    [InlineData("bench/fence")]
    public void YoungGeneration_IsOfOneSizeInTheImageAndTheBenchmarks(string file) =>
        Assert.Equal("0x2000000", Assert.Single(YoungGeneration().Matches(File.ReadAllText(Path.Combine(Repository.Root, file)))).Groups["size"].Value);

    [Theory]
    [InlineData("", false)]
    [InlineData("""  "Logging": { "CaptureScopes": true }, """, true)]
    public async Task LoggingScopes_AreOff_UnlessTheConfigurationAsksForThem(string logging, bool areOn)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => $$"""
                { {{logging}} "ReverseProxy": {
                    "Routes": { "all": { "ClusterId": "api", "Match": { "Path": "/{**path}" } } },
                    "Clusters": { "api": { "Destinations": { "one": { "Address": "{{origin}}" } } } } } }
                """,
        });

        Assert.Equal(areOn, env.Services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value.CaptureScopes);
    }

    [GeneratedRegex("^(ENV|export) DOTNET_GCgen0size=(\\$\\{DOTNET_GCgen0size:-)?(?<size>[0-9a-fx]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex YoungGeneration();
}
