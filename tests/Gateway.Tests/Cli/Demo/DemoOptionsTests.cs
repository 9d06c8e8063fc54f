using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CacheGateway.Cli;
using CacheGateway.Cli.Demo;
using CacheGateway.Hosting;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class DemoOptionsTests
{
    [Fact]
    public void Read_Nothing_IsAMinuteOnTheUsualPorts()
    {
        var options = DemoOptions.Read(_ => null, exit: false);

        Assert.Equal(TimeSpan.FromMinutes(1), options.Duration);
        Assert.Equal("http://127.0.0.1:8000", options.BackendUrl);
        Assert.Equal("http://127.0.0.1:8080", options.Url);
        Assert.Equal("http://127.0.0.1:8081", options.AdminUrl);
        Assert.Equal(1, options.CostScale);
    }

    [Theory]
    [InlineData("--duration", "1s", "at least 5s")]
    [InlineData("--duration", "soon", "not a time")]
    [InlineData("--cost-scale", "-1", "from 0 to 10")]
    [InlineData("--cost-scale", "11", "from 0 to 10")]
    public void Read_ValueThatCannotWork_NamesTheOptionAndWhatWouldBeRight(string option, string value, string right)
    {
        var error = Assert.Throws<SettingsException>(() => DemoOptions.Read(name => name == option ? value : null, exit: true));

        Assert.StartsWith(option, error.Message, StringComparison.Ordinal);
        Assert.Contains(right, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("https://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080/path")]
    public void Claim_NoPlainAddress_IsBadUsage(string text) =>
        Assert.Equal(RootCommands.BadUsage, Assert.Throws<DemoException>(() => DemoAddress.Claim("--urls", text)).ExitCode);

    [Fact]
    public void Claim_AddressThatIsTaken_IsBadUsageInOneLine()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var error = Assert.Throws<DemoException>(() => DemoAddress.Claim("--urls", $"http://127.0.0.1:{port}"));

        Assert.Equal(RootCommands.BadUsage, error.ExitCode);
        Assert.Contains(port, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>There would be no token, and the gateway refuses that, later and in words about another program.</summary>
    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    public void Claim_AdminForOtherMachines_IsBadUsage(string address)
    {
        var options = DemoOptions.Read(name => name == "--admin-urls" ? address : name.EndsWith("urls", StringComparison.Ordinal) ? "http://127.0.0.1:0" : null, exit: true);

        var error = Assert.Throws<DemoException>(() => DemoAddresses.Claim(options));

        Assert.Equal(RootCommands.BadUsage, error.ExitCode);
        Assert.StartsWith("--admin-urls", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_PortZero_IsAFreeOne() => Assert.NotEqual(0, DemoAddress.Claim("--urls", "http://127.0.0.1:0").Client.Port);
}
