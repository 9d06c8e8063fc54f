using CacheGateway.Hosting;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests.Hosting;

/// <summary>All that is wrong with the settings is said at once, by the option, the variable or the key of the file that it came from.</summary>
[Collection("Environment")]
public sealed class SettingsErrorsTests : IDisposable
{
    private const string Time = "is not a time; write it like 300 (seconds), 250ms, 30s, 5m or 1h: more than 0, at most 365d";

    private const string Address = "is not an address to listen on; write it like http://127.0.0.1:8080, with an IP address, localhost or * for all";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-settings-");

    private string File => Path.Combine(_folder.FullName, "gateway.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void EveryMistake_IsSaid_ByWhereItStands()
    {
        var errors = With(
            [("CACHEGATEWAY__MEMORY", "5X"), ("CACHE_WARMING_ENABLED", "maybe")],
            () => Errors("""{ "CacheGateway": { "OriginTimeout": "5 min", "Drain": "x", "Alerts": { "BusLag": "soon", "Looks": "0" }, "RedisHost": "h", "RedisPort": "p" } }""", ("MaxFills", "many"), ("MaxBlind", "999ms")));

        Assert.Equal(
            [
                "--max-blind: \"999ms\" is too short; it is at least 1s",
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

    /// <summary>Of a list, every part that cannot work.</summary>
    [Fact]
    public void EveryPartOfAList_IsSaid_ByWhereItStands()
    {
        var errors = With(
            [("CACHEGATEWAY__ADMINURLS", "admin.test:1"), ("CACHEGATEWAY__REDISHOST", "h"), ("CACHEGATEWAY__REDISPORT", "p"), ("REDIS_DB", "x")],
            () => Errors(
                """{ "CacheGateway": { "H2cUrls": "grpc:1;http://127.0.0.1:9005;h2c://127.0.0.1:1", "Webhook": { "Secrets": ["long enough to be one", "short"] } } }""",
                ("Urls", "127.0.0.1:8080;http://127.0.0.1:8080/x"), ("Hosts", "a b,shop.test,c/d"), ("TargetedFields", "a b,c:d")));

        Assert.Equal(
            [
                $"--config: {File}: CacheGateway:H2cUrls: \"grpc:1\" {Address}",
                $"--config: {File}: CacheGateway:H2cUrls: \"h2c://127.0.0.1:1\" {Address}",
                $"--config: {File}: CacheGateway:Webhook:Secrets:1: a secret needs at least 8 bytes; after \"whsec_\" it is base64",
                "--hosts: \"a b\" is not the name of a host; write it like shop.example or shop.example:8080",
                "--hosts: \"c/d\" is not the name of a host; write it like shop.example or shop.example:8080",
                "--targeted-fields: \"a b\" is not the name of a field; write it like CDN-Cache-Control",
                "--targeted-fields: \"c:d\" is not the name of a field; write it like CDN-Cache-Control",
                $"--urls: \"127.0.0.1:8080\" {Address}",
                $"--urls: \"http://127.0.0.1:8080/x\" {Address}",
                $"CACHEGATEWAY__ADMINURLS: \"admin.test:1\" {Address}",
                "CACHEGATEWAY__REDISPORT: its number must be from 1 to 65535",
                "REDIS_DB: its number must be from 0 to 65535",
            ],
            errors.Order(StringComparer.Ordinal));
    }

    /// <summary>Under its own variable, or an item of a list in the environment.</summary>
    [Theory]
    [InlineData("CACHEGATEWAY__WEBHOOK__SECRETS", "short")]
    [InlineData("CACHEGATEWAY__WEBHOOK__SECRETS__0", "short")]
    public void SecretOfAVariable_IsSaidByIt(string variable, string value) =>
        Assert.StartsWith($"{variable}: a secret needs", Assert.Single(With([(variable, value)], () => Errors("{}"))), StringComparison.Ordinal);

    /// <summary>What names no Redis by itself is called as whoever wrote it does.</summary>
    [Fact]
    public void WhatNamesNoRedis_IsWarnedOf_ByWhereItStands()
    {
        System.IO.File.WriteAllText(File, """{ "CacheGateway": { "RedisDb": "3" } }""");
        var commandLine = new Dictionary<string, string> { ["Origin"] = "http://origin.test", ["Config"] = File };
        const string Why = "names no Redis and has no effect; set REDIS_HOST or REDIS_URL, or take it away";

        Assert.Equal([$"--config: {File}: CacheGateway:RedisDb {Why}"], SettingsReader.Read(commandLine).Warnings);
        Assert.Equal([$"CACHEGATEWAY__REDISPORT {Why}"], With([("CACHEGATEWAY__REDISPORT", "6379")], () => SettingsReader.Read(commandLine)).Warnings);
    }

    /// <summary>A file of policies says both itself.</summary>
    [Fact]
    public void WhatAPolicyFileSays_IsWarnedOf_WhereSettingsSayIt()
    {
        System.IO.File.WriteAllText(File, """{ "policies": {} }""");
        var options = new Dictionary<string, string> { ["Origin"] = "http://origin.test", ["Profile"] = "rfc9111" };
        (string, string)[] variables = [("CACHE_DEFAULT_TTL", "5m")];

        Assert.Empty(With(variables, () => SettingsReader.Read(options)).Warnings);
        options["Policies"] = File;

        Assert.Equal(
            [
                "--profile: it has no effect beside a policy file; set \"profile\" in its \"defaults\"",
                "CACHE_DEFAULT_TTL: it has no effect beside a policy file; set \"ttl\" in its \"defaults\"",
            ],
            With(variables, () => SettingsReader.Read(options)).Warnings);
    }

    /// <summary>Where there is Redis there are several gateways, or will be.</summary>
    [Theory]
    [InlineData("Cookie", "redis.test", true)]
    [InlineData("customHeader", "redis.test", true)]
    [InlineData("ArrCookie", "redis.test", false)]
    [InlineData("Cookie", "", false)]
    public void AffinityThatOneGatewayAloneReads_IsWarnedOf_BesideRedis(string policy, string redis, bool isWarnedOf)
    {
        System.IO.File.WriteAllText(File, $$"""
            { "ReverseProxy": {
                "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/{**all}" } } },
                "Clusters": {
                  "c": { "SessionAffinity": { "Enabled": true, "Policy": "{{policy}}", "AffinityKeyName": "k" }, "Destinations": { "d": { "Address": "http://x" } } },
                  "off": { "SessionAffinity": { "Enabled": false, "Policy": "Cookie", "AffinityKeyName": "k" }, "Destinations": { "d": { "Address": "http://x" } } } } } }
            """);

        var warnings = With([("REDIS_HOST", redis)], () => SettingsReader.Read(new Dictionary<string, string> { ["Config"] = File })).Warnings;

        Assert.Equal(
            isWarnedOf
                ? [$"--config: {File}: ReverseProxy:Clusters:c:SessionAffinity:Policy: \"{policy}\" is written with keys that other gateways do not have: one that takes over a client binds it anew; take \"ArrCookie\""]
                : [],
            warnings);
    }

    [Fact]
    public void OneAddress_HasOneRole() => Assert.Equal(
        ["--h2c-urls: http://127.0.0.1:8080 is one of --urls, too; give it another port"], Errors("{}", ("H2cUrls", "http://127.0.0.1:8080")));

    /// <summary>Routes and clusters of the environment are mended there.</summary>
    [Fact]
    public void RouteOfAVariable_IsSaidByTheEnvironment()
    {
        System.IO.File.WriteAllText(File, """{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/{**all}" } } }, "Clusters": { "c": { "Destinations": { "d": { "Address": "http://x" } } } } } }""");

        var errors = With([("ReverseProxy__Clusters__c__Destinations__d__Address", "x:1")], () => Assert.Throws<SettingsException>(() => SettingsReader.Read(new Dictionary<string, string> { ["Config"] = File })).Errors);

        Assert.StartsWith("environment: ReverseProxy:Clusters:c:Destinations:d:Address: \"x:1\"", Assert.Single(errors), StringComparison.Ordinal);
    }

    /// <summary>A certificate is loaded by the server, which does not know where it was told of it.</summary>
    [Theory]
    [InlineData(null, null, "")]
    [InlineData(null, "Path", "environment: Kestrel:Certificates:Default:Path")]
    [InlineData("gateway.json", "Path", "environment: Kestrel:Certificates:Default:Path")]
    [InlineData("gateway.json", "Password", "--config: gateway.json: Kestrel:Certificates, environment: Kestrel:Certificates:Default:Password")]
    [InlineData("gateway.json", null, "--config: gateway.json: Kestrel:Certificates")]
    public void Certificate_IsSaidByWhereItStands(string? file, string? member, string named)
    {
        var environment = new ConfigurationBuilder().AddInMemoryCollection(member is null ? [] : [KeyValuePair.Create($"Kestrel:Certificates:Default:{member}", (string?)"x")]).Build();

        Assert.Equal(named, KestrelSection.Certificates(file, environment));
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

    private static T With<T>((string Name, string Value)[] variables, Func<T> read)
    {
        foreach (var (name, value) in variables)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        try
        {
            return read();
        }
        finally
        {
            foreach (var (name, _) in variables)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

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
