using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CacheGateway.Cli;
using CacheGateway.FunctionalTests.Documentation;
using CacheGateway.Hosting;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>Settings that cannot work: one line that says what would be right, and exit code 2.</summary>
public sealed class RunCommandTests
{
    private const string Missing = """{ "CacheGateway": { "Origin": "http://x", "Urls": "https://127.0.0.1:0" }, "Kestrel": { "Certificates": { "Default": { "Path": "/does/not/exist.pfx" } } } }""";

    private const string NoTime = """
        { "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/{**all}" } } },
          "Clusters": { "c": { "HttpRequest": { "ActivityTimeout": "30s" }, "Destinations": { "d": { "Address": "http://x" } } } } } }
        """;

    private const string NoPath = """{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": {} } }, "Clusters": { "c": { "Destinations": { "d": { "Address": "http://x" } } } } } }""";

    [Theory]
    [InlineData("--urls", ";")]
    [InlineData("--urls", "http://admin.internal:0")]
    [InlineData("--admin-urls", "http://admin.internal:0")]
    [InlineData("--origin-timeout", "999999999d")]
    [InlineData("--origin-timeout", "60d")]
    [InlineData("--origin-host", "a b")]
    [InlineData("--hosts", "shop.test,a b")]
    [InlineData("--hosts", "http://shop.test")]
    [InlineData("--hosts", "*.shop.test")]
    [InlineData("--hosts", "shop.test:")]
    [InlineData("--admin-hosts", "shop.test:0443")]
    [InlineData("--urls", "http://localhost:1")]
    [InlineData("--bogus", "x")]
    public async Task BadOption_IsBadUsage(string option, string value)
    {
        string[] arguments = ["run", "--origin", "http://127.0.0.1:1", option, value];

        var exit = await Deadline.Within(RootCommands.Create().Parse(arguments).InvokeCliAsync(), "the command to refuse its option");

        Assert.Equal(RootCommands.BadUsage, exit);
    }

    /// <summary>To open a pipe waits until somebody writes to it.</summary>
    [Fact]
    public async Task ConfigurationThatIsAPipe_IsOneLine()
    {
        var folder = Directory.CreateTempSubdirectory("cachegateway-config-");
        var pipe = Path.Combine(folder.FullName, "gateway.json");
        using (var make = Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync();
        }

        var run = await CliProcess.RunAsync("run", "--config", pipe, "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0");

        Assert.Equal(RootCommands.BadUsage, run.Exit);
        Assert.Equal($"cachegateway: --config: {pipe}: is a pipe, not a regular file", Assert.Single(run.Error.TrimEnd().Split('\n')));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task OutputThatCannotBeWritten_IsOneLine()
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$0\" \"$1\" policy check \"$2\" > /dev/full", CliProcess.DotNet, CliProcess.Assembly, Path.Combine(Repository.Root, "config", "policies.json")])
        {
            RedirectStandardError = true,
        })!;
        var error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();

        Assert.Equal(RootCommands.Failed, shell.ExitCode);
        Assert.StartsWith("cachegateway: No space left on device", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private const string NoCluster = """{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "cc", "Match": { "Path": "/{**all}" } } }, "Clusters": { "c": { "Destinations": { "d": { "Address": "http://x" } } } } } }""";

    private const string OriginHost = """
        { "CacheGateway": { "OriginHost": "inner.test" }, "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/{**all}" } } }, "Clusters": { "c": { "Destinations": { "d": { "Address": "http://x" } } } } } }
        """;

    private const string AsksWho = """
        { "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "AuthorizationPolicy": "default", "Match": { "Path": "/{**all}" } } }, "Clusters": { "c": { "Destinations": { "d": { "Address": "http://x" } } } } } }
        """;

    private const string NoKey = """{ "CacheGateway": { "Origin": "http://x", "Polices": "p.json" } }""";

    [Theory]
    [InlineData(NoCluster, "gateway.json: ReverseProxy:Routes:a:ClusterId: \"cc\" is no cluster; did you mean \"c\"?")]
    [InlineData(NoKey, "gateway.json: CacheGateway:Polices: nobody reads \"Polices\"; did you mean \"Policies\"?")]
    [InlineData("""{ "CacheGateway": { "Origin": "http://x" }, "Kestrel": { "Endpoints": { "more": { "Url": "http://127.0.0.1:0" } } } }""", "Kestrel:Endpoints:more: the gateway listens where --urls, --h2c-urls and --admin-urls say; write http://127.0.0.1:0 there")]
    [InlineData(OriginHost, "it belongs to --origin; for a route of the configuration write \"Transforms\": [ { \"RequestHeader\": \"Host\", \"Set\": \"inner.test\" } ]")]
    [InlineData(AsksWho, "ReverseProxy:Routes:a:AuthorizationPolicy: \"default\" asks who a client is")]
    [InlineData("""{ "CacheGateway": { "Origin": "http://x" }, "Logging": { "LogLevel": { "Default": "Info" } } }""", "Logging:LogLevel:Default: \"Info\" is no level of a log; write Trace, Debug, Information")]
    [InlineData(NoPath, "Path")]
    [InlineData(NoTime, "30s")]
    [InlineData(Missing, "/does/not/exist.pfx")]
    public async Task ConfigurationThatCannotWork_IsOneLineThatSaysWhat(string configuration, string named)
    {
        var folder = Directory.CreateTempSubdirectory("cachegateway-config-");
        var file = Path.Combine(folder.FullName, "gateway.json");
        await File.WriteAllTextAsync(file, configuration);

        var run = await CliProcess.RunAsync("run", "--config", file, "--urls", configuration == Missing ? "https://127.0.0.1:0" : "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0");

        Assert.Equal(RootCommands.BadUsage, run.Exit);
        Assert.StartsWith("cachegateway: --config: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(named, Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        // No stack of the framework beside it either.
        Assert.Empty(run.Output);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task CertificateByARelativePath_IsLookedForWhereItIsStarted()
    {
        var folder = Directory.CreateTempSubdirectory("cachegateway-config-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "gateway.json"), Missing.Replace("/does/not/exist.pfx", "certs/none.pfx", StringComparison.Ordinal));
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "cd \"$2\" && exec \"$0\" \"$1\" run --config gateway.json", CliProcess.DotNet, CliProcess.Assembly, folder.FullName]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();

        Assert.Contains(Path.Combine(folder.FullName, "certs", "none.pfx"), error, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    /// <summary>The folder where it is started may be that of any ASP.NET Core application, whose addresses, hosts and mistakes are its own.</summary>
    [Theory]
    [InlineData("""{ "AllowedHosts": "nobody.test", "Kestrel": { "Endpoints": { "Http": { "Url": "http://256.0.0.1:1" } } } }""")]
    [InlineData("{ bad")]
    public async Task SettingsOfAnotherApplication_WhereItIsStarted_AreNotRead(string text)
    {
        var folder = Directory.CreateTempSubdirectory("cachegateway-other-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), text);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.Production.json"), text);
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x"));

        await using var gateway = await GatewayProcess.StartAsync(origin.Address, environment: [("ASPNETCORE_HTTP_PORTS", "1")], shell: $"cd '{folder.FullName}'");

        Assert.Equal(200, (await gateway.GetAsync("/x")).Status);
        Assert.DoesNotContain(gateway.Lines, line => line.Contains("Overriding address", StringComparison.Ordinal));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task AddressThatIsNotTheMachines_IsNamed()
    {
        var run = await CliProcess.RunAsync("run", "--origin", "http://127.0.0.1:1", "--urls", "http://127.0.0.1:0;http://192.0.2.1:7654");

        Assert.Equal(RootCommands.BadUsage, run.Exit);
        Assert.StartsWith("cachegateway: cannot listen on http://192.0.2.1:7654: ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(". Choose another address with --urls.\n", run.Error, StringComparison.Ordinal);
    }

    /// <summary>The option that would help is the one of the address that is taken.</summary>
    [Theory]
    [InlineData("--urls", "127.0.0.1")]
    [InlineData("--h2c-urls", "127.0.0.1")]
    [InlineData("--admin-urls", "127.0.0.1")]
    [InlineData("--admin-urls", "localhost")]
    public async Task AddressThatIsTaken_IsSaid_WithTheOptionThatChoosesAnother(string option, string host)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://{host}:{((IPEndPoint)taken.LocalEndpoint).Port}";
        string[] urls = option == "--urls" ? [] : ["--urls", "http://127.0.0.1:0"];

        var run = await CliProcess.RunAsync(["run", "--origin", "http://127.0.0.1:1", .. urls, option, address]);

        Assert.Equal(RootCommands.BadUsage, run.Exit);
        Assert.EndsWith($". Choose another with {option}.", Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>What names the certificate is named, and not a file that does not.</summary>
    [Fact]
    public async Task CertificateOfAVariable_IsSaidByIt()
    {
        var run = await CliProcess.RunAsync(
            ["run", "--origin", "http://127.0.0.1:1", "--urls", "https://127.0.0.1:0"], ("Kestrel__Certificates__Default__Path", "/does/not/exist.pfx"));

        Assert.Equal(RootCommands.BadUsage, run.Exit);
        Assert.StartsWith("cachegateway: environment: Kestrel:Certificates:Default:Path: ", Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VariablesWithoutEffect_AreWarnedAbout_AndNoDrainIsNoWait()
    {
        await using var gateway = await GatewayProcess.StartAsync(new Uri("http://127.0.0.1:1"), ["--drain", "0"], [("CACHEGATEWAY__MEMROY", "64MB"), ("REDIS_PORT", "6379")]);
        await Deadline.Until(() => Task.FromResult(gateway.Lines.Count(line => line.Contains("warning: ", StringComparison.Ordinal)) >= 2), "the warnings");

        Assert.Equal(0, await gateway.EndAsync());
        Assert.Contains("cachegateway: warning: CACHEGATEWAY__MEMROY is no setting and has no effect; did you mean \"CACHEGATEWAY__MEMORY\"?", gateway.Lines);
        Assert.Contains("cachegateway: warning: REDIS_PORT names no Redis and has no effect; set REDIS_HOST or REDIS_URL, or take it away", gateway.Lines);
    }

    [Fact]
    public async Task ConfigurationFile_WhoseNameBeginsWithADot_IsRead_AndTheEnvironmentIsStronger()
    {
        var folder = Directory.CreateTempSubdirectory("cachegateway-config-");
        var file = Path.Combine(folder.FullName, ".gateway.json");
        await File.WriteAllTextAsync(file, NoTime.Replace("30s", "00:00:30", StringComparison.Ordinal));

        var run = await CliProcess.RunAsync(
            ["run", "--config", file, "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0"], ("ReverseProxy__Clusters__c__HttpRequest__ActivityTimeout", "soon"));

        Assert.Equal(RootCommands.BadUsage, run.Exit);
        Assert.Contains("soon", run.Error, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void ConfigurationFile_ThatIsNoJson_SaysWhere()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "{ bad");

        var error = Assert.Throws<SettingsException>(() => SettingsReader.Read(new Dictionary<string, string> { ["Config"] = file }));

        Assert.Equal($"--config: {file}:1: column 3: 'b' is an invalid start of a property name. Expected a '\"'.", error.Message);
        File.Delete(file);
    }
}
