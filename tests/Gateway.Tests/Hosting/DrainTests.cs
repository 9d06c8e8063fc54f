using System.Diagnostics;
using CacheGateway.Diagnostics;
using CacheGateway.Hosting;

namespace CacheGateway.Tests.Hosting;

public sealed class DrainTests
{
    /// <summary>Whoever sends clients here has not noticed yet, however quiet it was before.</summary>
    [Fact]
    public async Task IdleGateway_DoesNotEndAtOnce()
    {
        var settings = new GatewaySettings { Origin = "http://127.0.0.1:1", Urls = ["http://127.0.0.1:0"], AdminUrls = ["http://127.0.0.1:0"] };
        var listeners = Listeners.Parse(settings);
        var drain = new Drain(new DrainState(), listeners, settings);
        // By the machine's clock, like the process that ends: a second without a connection has to pass.
        Assert.True(SpinWait.SpinUntil(() => listeners.Connections.Unchanged > TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)));

        var started = Stopwatch.GetTimestamp();
        await drain.StoppingAsync(CancellationToken.None);

        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9), "it ended before anybody could know of it");
    }
}
