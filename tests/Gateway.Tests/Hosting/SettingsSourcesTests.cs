using System.Text.Json;
using System.Text.RegularExpressions;
using CacheGateway.Cli;
using CacheGateway.Hosting;
using Gateway.Tests.Policies;

namespace Gateway.Tests.Hosting;

/// <summary>Each option of <c>run</c> is also an environment variable and a configuration key, and changes the settings in all three forms.</summary>
[CollectionDefinition("Environment", DisableParallelization = true)]
[Collection("Environment")]
public sealed partial class SettingsSourcesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-settings-");

    /// <summary>Key and a value other than its default; files are made for the test.</summary>
    public static TheoryData<string, string> Options => new()
    {
        { "Urls", "http://127.0.0.1:9001" }, { "AdminUrls", "http://127.0.0.1:9002" }, { "AdminToken", "a-token-that-nobody-guesses" }, { "AdminHosts", "admin.test" },
        { "H2cUrls", "http://127.0.0.1:9003" }, { "Profile", "rfc9111" }, { "Policies", "FILE" }, { "Memory", "64MB" }, { "Node", "n1" }, { "Hosts", "a.test,b.test" },
        { "OriginHost", "inner.test" }, { "OriginHttp2", "true" }, { "OriginTimeout", "7s" }, { "OriginIdleTimeout", "6s" }, { "OriginConnectTimeout", "3s" },
        { "OriginRequests", "77" }, { "OriginPause", "4s" }, { "MaxConnections", "99" }, { "MaxHeaders", "64KB" }, { "MaxBody", "1MB" }, { "MaxFills", "88" },
        { "MaxWaiters", "66" }, { "Drain", "3s" }, { "Redis", "127.0.0.1:7000" }, { "MaxBlind", "3s" }, { "EmptyRedisIsLoss", "true" }, { "ConfirmAbove", "0.5" },
        { "Warming", "true" }, { "WarmingFile", "popular.json" }, { "RefreshAhead", "7" }, { "EventsChannel", "events" }, { "TargetedFields", "Surrogate-Control" },
        { "InterimResponses", "false" }, { "CacheStatusKey", "true" }, { "DeploymentId", "other" }, { "Origin", "http://other.test" },
    };

    /// <summary>The path needs a secret beside it, and the file of the configuration is itself where keys stand.</summary>
    private static readonly string[] TestedElsewhere = ["WebhookPath", "Config"];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void EveryOption_IsTested() => Assert.Equal(new RunOptions().Keys.Except(TestedElsewhere).Order(), Options.Select(row => row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(Options))]
    public void Option_Variable_AndKey_SayTheSame(string key, string value)
    {
        if (value == "FILE")
        {
            value = Path.Combine(_folder.FullName, "policies.json");
            File.WriteAllText(value, "{}");
        }

        var origin = new Dictionary<string, string> { ["Origin"] = "http://origin.test" };
        if (key == "WarmingFile")
        {
            // Without it, it is warned of, by the place where it stands.
            origin["Warming"] = "true";
        }

        var byDefault = Read(origin);
        var byOption = Read(new Dictionary<string, string>(origin) { [key] = value });
        Dictionary<string, string> others = key == "Origin" ? [] : origin;

        Assert.NotEqual(byDefault, byOption);
        Assert.Equal(byOption, WithVariable($"CACHEGATEWAY__{key.ToUpperInvariant()}", value, () => Read(others)));

        var file = Path.Combine(_folder.FullName, "gateway.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new { CacheGateway = new Dictionary<string, string> { [key] = value } }));
        Assert.Equal(byOption, Read(new Dictionary<string, string>(others) { ["Config"] = file }).Replace(JsonSerializer.Serialize(file), "null", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CACHE_ENABLED", "false")]
    [InlineData("CACHE_DEFAULT_TTL", "90")]
    [InlineData("CACHE_VERSION", "2")]
    [InlineData("CACHE_MONITORING_ENABLED", "false")]
    [InlineData("CACHE_WARMING_ENABLED", "true")]
    [InlineData("REDIS_URL", "redis://127.0.0.1:7000/1")]
    [InlineData("REDIS_HOST", "127.0.0.1")]
    public void Variable_OfTheContract_ChangesTheSettings(string variable, string value)
    {
        var origin = new Dictionary<string, string> { ["Origin"] = "http://origin.test" };

        Assert.NotEqual(Read(origin), WithVariable(variable, value, () => Read(origin)));
    }

    /// <summary>Each place says something else; the strongest is heard.</summary>
    [Fact]
    public void CommandLine_ThenVariable_ThenPlainVariable_ThenFile()
    {
        var commandLine = new Dictionary<string, string> { ["Origin"] = "http://origin.test", ["Config"] = Written("""{ "CacheGateway": { "Warming": "true", "Version": "file", "Redis": "file:1" } }""") };

        Assert.Equal((true, "file", "file:1"), Seen(commandLine));
        Assert.Equal((false, "plain", "plain:2"), With([("CACHE_WARMING_ENABLED", "false"), ("CACHE_VERSION", "plain"), ("REDIS_URL", "redis://plain:2")], () => Seen(commandLine)));
        Assert.Equal((true, "own", "own:3"), With(
            [
                ("CACHE_WARMING_ENABLED", "false"), ("CACHE_VERSION", "plain"), ("REDIS_URL", "redis://plain:2"),
                ("CACHEGATEWAY__WARMING", "true"), ("CACHEGATEWAY__VERSION", "own"), ("CACHEGATEWAY__REDISURL", "redis://own:3"),
            ],
            () => Seen(commandLine)));
        Assert.Equal((false, "own", "line:4"), With(
            [("CACHEGATEWAY__WARMING", "true"), ("CACHEGATEWAY__VERSION", "own"), ("CACHEGATEWAY__REDISURL", "redis://own:3")],
            () => Seen(new Dictionary<string, string>(commandLine) { ["Warming"] = "false", ["Redis"] = "line:4" })));
        Assert.Equal((true, "file", "file:1"), With([("CACHE_VERSION", ""), ("CACHEGATEWAY__VERSION", " "), ("REDIS_URL", "")], () => Seen(commandLine)));
    }

    [Fact]
    public void Secrets_OfTheEnvironment_BeatAListInTheFile()
    {
        var file = Written("""{ "CacheGateway": { "Origin": "http://x", "Webhook": { "Secrets": ["of-the-file", "another-one"] } } }""");
        var commandLine = new Dictionary<string, string> { ["Config"] = file };

        Assert.Equal(["of-the-file", "another-one"], SettingsReader.Read(commandLine).WebhookSecrets);
        Assert.Equal(["of-the-variable"], With([("CACHEGATEWAY__WEBHOOK__SECRETS", "of-the-variable")], () => SettingsReader.Read(commandLine).WebhookSecrets));
    }

    /// <summary>The page lists each option, each key without one, and each variable.</summary>
    [Fact]
    public void Page_NamesEverySetting()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        var command = RunCommand.Create();

        string[] named =
        [
            .. command.Options.Select(option => option.Name),
            .. SettingKeys.All.Except(SettingKeys.Options).Select(key => key.Replace("Alerts:", "", StringComparison.Ordinal)),
            .. SettingKeys.Variables.Values, "CACHEGATEWAY__ADMIN", "CACHEGATEWAY__CONFIG",
        ];

        Assert.Equal([], named.Except(Code().Matches(page).Select(code => code.Groups[1].Value)));
    }

    [Fact]
    public void Variable_ThatIsEmpty_IsNotSet()
    {
        var origin = new Dictionary<string, string> { ["Origin"] = "http://origin.test" };

        Assert.Equal(Read(origin), WithVariable("CACHEGATEWAY__CONFIG", "", () => Read(origin)));
    }

    /// <summary>What docker-compose.yml starts, with what it says: settings that are refused would be started again for ever.</summary>
    [Theory]
    [InlineData("gateway-a")]
    [InlineData("gateway-b")]
    public void ComposeFile_AndTheConfigurationBesideIt_WorkTogether(string service)
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docker-compose.yml"));
        var variables = lines.SkipWhile(line => line != $"  {service}:").Skip(1).TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("      ", StringComparison.Ordinal) && line.Contains(": ", StringComparison.Ordinal))
            .Select(line => line.Trim().Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => Default().Replace(pair[1], "$1"));
        var commandLine = new Dictionary<string, string>
        {
            ["Config"] = Path.Combine(Repository.Root, "config", "gateway.json"),
            ["Policies"] = Path.Combine(Repository.Root, "config", "policies.json"),
        };

        Assert.Equal(service, variables["CACHEGATEWAY__NODE"]);
        Assert.Contains(service, variables.Aggregate(() => Read(commandLine), (read, variable) => () => WithVariable(variable.Key, variable.Value, read))(), StringComparison.Ordinal);
        Assert.Throws<SettingsException>(() => Read(commandLine));
    }

    /// <summary>A variable of the caller's, and what stands for it where it is not set.</summary>
    [GeneratedRegex(@"^\$\{\w+:-(.*)\}$")]
    private static partial Regex Default();

    /// <summary>What stands between backticks, as far as it is one word.</summary>
    [GeneratedRegex("`([\\w:-]+)(?=[` ])")]
    private static partial Regex Code();

    private static string Read(IReadOnlyDictionary<string, string> commandLine) => JsonSerializer.Serialize(SettingsReader.Read(commandLine));

    private string Written(string configuration)
    {
        var file = Path.Combine(_folder.FullName, "gateway.json");
        File.WriteAllText(file, configuration);
        return file;
    }

    private static (bool Warming, string Version, string? Redis) Seen(IReadOnlyDictionary<string, string> commandLine)
    {
        var settings = SettingsReader.Read(commandLine);
        return (settings.Warming, settings.CacheVersion, settings.Redis?.ToString());
    }

    private static T With<T>((string Name, string Value)[] variables, Func<T> read) =>
        variables.Aggregate(read, (inner, variable) => () => WithVariable(variable.Name, variable.Value, inner))();

    private static T WithVariable<T>(string name, string value, Func<T> read)
    {
        var before = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, value);
        try
        {
            return read();
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, before);
        }
    }
}
