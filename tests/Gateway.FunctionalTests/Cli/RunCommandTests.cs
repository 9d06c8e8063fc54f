using CacheGateway.Cli;
using CacheGateway.Hosting;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>Settings that cannot work: one line that says what would be right, and exit code 2.</summary>
public sealed class RunCommandTests
{
    private const string NoPath = """{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": {} } }, "Clusters": { "c": { "Destinations": { "d": { "Address": "http://x" } } } } } }""";

    [Theory]
    [InlineData("--urls", ";")]
    [InlineData("--urls", "http://admin.internal:0")]
    [InlineData("--admin-urls", "http://admin.internal:0")]
    [InlineData("--origin-timeout", "999999999d")]
    [InlineData("--origin-timeout", "60d")]
    [InlineData("--bogus", "x")]
    public async Task BadOption_IsBadUsage(string option, string value)
    {
        string[] arguments = ["run", "--origin", "http://127.0.0.1:1", option, value];

        var exit = await Deadline.Within(RootCommands.Create().Parse(arguments).InvokeCliAsync(), "the command to refuse its option");

        Assert.Equal(RootCommands.BadUsage, exit);
    }

    [Fact]
    public async Task ProxyConfigurationThatCannotWork_IsBadUsage()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, NoPath);

        var exit = await Deadline.Within(RootCommands.Create().Parse(["run", "--config", file]).InvokeCliAsync(), "the command to refuse its configuration");

        Assert.Equal(RootCommands.BadUsage, exit);
        File.Delete(file);
    }

    [Fact]
    public void ConfigurationFile_ThatIsNoJson_SaysWhere()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "{ bad");

        var error = Assert.Throws<SettingsException>(() => SettingsReader.Read(new Dictionary<string, string> { ["Config"] = file }));

        Assert.Contains("LineNumber", error.Message, StringComparison.Ordinal);
        File.Delete(file);
    }
}
