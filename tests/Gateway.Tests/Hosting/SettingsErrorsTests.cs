using CacheGateway.Hosting;

namespace Gateway.Tests.Hosting;

/// <summary>All that is wrong with the settings is said at once, by the option, the variable or the key of the file that it came from.</summary>
[Collection("Environment")]
public sealed class SettingsErrorsTests : IDisposable
{
    private const string Time = "is not a time; write it like 300 (seconds), 250ms, 30s, 5m or 1h: more than 0, at most 365d";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-settings-");

    private string File => Path.Combine(_folder.FullName, "gateway.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void EveryMistake_IsSaid_ByWhereItStands()
    {
        Environment.SetEnvironmentVariable("CACHEGATEWAY__MEMORY", "5X");
        Environment.SetEnvironmentVariable("CACHE_WARMING_ENABLED", "maybe");
        try
        {
            var errors = Errors("""{ "CacheGateway": { "OriginTimeout": "5 min", "Drain": "x", "Alerts": { "BusLag": "soon", "Looks": "0" }, "RedisHost": "h", "RedisPort": "p" } }""", ("MaxFills", "many"));

            Assert.Equal(
                [
                    "--max-fills: \"many\" is not a number of 1 or more",
                    $"--config: {File}: CacheGateway:Alerts:BusLag: \"soon\" {Time}",
                    $"--config: {File}: CacheGateway:Alerts:Looks: \"0\" must be a number from 1 to 100",
                    $"--config: {File}: CacheGateway:Drain: \"x\" {Time}",
                    $"--config: {File}: CacheGateway:OriginTimeout: \"5 min\" {Time}",
                    $"--config: {File}: CacheGateway:RedisPort: its number must be from 1 to 65535",
                    "CACHEGATEWAY__MEMORY: \"5X\" is not a size; write it like 64MB or 2GB",
                    "CACHE_WARMING_ENABLED: \"maybe\" is not true or false",
                ],
                errors.Order(StringComparer.Ordinal).OrderBy(error => error.StartsWith("--max", StringComparison.Ordinal) ? 0 : 1));
        }
        finally
        {
            Environment.SetEnvironmentVariable("CACHEGATEWAY__MEMORY", null);
            Environment.SetEnvironmentVariable("CACHE_WARMING_ENABLED", null);
        }
    }

    [Theory]
    [InlineData("""{ "CacheGatway": { "Memory": "64MB" } }""", "CacheGatway: nobody reads it; did you mean \"CacheGateway\"?")]
    [InlineData("""{ "ReverseProxi": {} , "ReverseProxi2": { "Routes": { "a": "b" } } }""", "ReverseProxi: nobody reads it; did you mean \"ReverseProxy\"?", "ReverseProxi2: nobody reads it; did you mean \"ReverseProxy\"?")]
    [InlineData("""{ "$schema": "x", "policies": { "a": { "ttl": "5m" } }, "events": { "a": ["b"] } }""", "policies: this is a policy file; give it with --policies")]
    public void Section_ThatWasMistyped_IsRefused(string configuration, params string[] errors) =>
        Assert.Equal(errors.Select(error => $"--config: {File}: {error}"), Errors(configuration));

    [Fact]
    public void Section_OfSomebodyElse_IsWarnedOf()
    {
        System.IO.File.WriteAllText(File, """{ "$schema": "x", "description": "y", "Extension": { "a": "b" }, "Logging": { "LogLevel": { "Default": "Warning" } }, "AllowedHosts": "*" }""");

        var settings = SettingsReader.Read(new Dictionary<string, string> { ["Origin"] = "http://origin.test", ["Config"] = File });

        Assert.Equal($"--config: {File}: Extension: the gateway does not read it; it reads CacheGateway, ReverseProxy, Kestrel, Logging, AllowedHosts", Assert.Single(settings.Warnings));
    }

    [Theory]
    [InlineData("", ":1: the file is empty; JSON begins with '{'")]
    [InlineData("{\n \"CacheGateway\": {\n", ":3: the file ends here, and the '{' of line 2 is not closed")]
    [InlineData("{\n /* fine */ \"CacheGateway\": { \"Origin\": \"http://x\", } ]", ":2: column 55: ")]
    public void FileThatIsNoJson_IsNamedWithItsLine(string configuration, string error) =>
        Assert.StartsWith($"--config: {File}{error}", Assert.Single(Errors(configuration)), StringComparison.Ordinal);

    private IReadOnlyList<string> Errors(string configuration, params (string Key, string Value)[] options)
    {
        System.IO.File.WriteAllText(File, configuration);
        var commandLine = new Dictionary<string, string> { ["Origin"] = "http://origin.test", ["Config"] = File };
        foreach (var (key, value) in options)
        {
            commandLine[key] = value;
        }

        return Assert.Throws<SettingsException>(() => SettingsReader.Read(commandLine)).Errors;
    }
}
