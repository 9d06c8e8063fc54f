using Compare;

namespace CacheGateway.Tests.Bench;

public sealed class BenchOptionsTests
{
    /// <summary>Figures of a gateway with other settings stood under a command that does not have them.</summary>
    [Fact]
    public void Command_HasAllThatWasSaid()
    {
        var options = new BenchOptions { Root = "/r", Scenarios = ["hit-1k", "304"], Peers = ["nginx"], Rounds = 3, Seconds = 2, WarmUpSeconds = 6, GatewayArguments = ["--memory", "4096"] };
        Assert.Equal(
            "DOTNET_GCgen0size=0x800000 bench/compare --scenarios hit-1k 304 --peers nginx --rounds 3 --seconds 2 --warm-up 6 --gateway --memory 4096",
            options.Command(name => name == "DOTNET_GCgen0size" ? "0x800000" : null));
    }

    [Fact]
    public void Command_Quick_HasScenariosAndPeersToo()
    {
        var options = new BenchOptions { Root = "/r", Scenarios = ["hit-1k"], Peers = ["nginx", "Varnish"], Rounds = 2, Seconds = 2, WarmUpSeconds = 2, Quick = true };
        Assert.Equal(
            "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=0 bench/compare --quick --scenarios hit-1k --peers nginx Varnish",
            options.Command(name => name.EndsWith("INLINE_COMPLETIONS", StringComparison.Ordinal) ? "0" : null));
    }
}
