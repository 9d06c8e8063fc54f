using CacheGateway.Diagnostics;
using CacheGateway.Storage;
using Gateway.Tests.Policies;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheGateway.Tests.Storage;

public sealed class MemoryPressureTests
{
    /// <summary>What was dropped counts as used until it is collected: with nothing to do a process may not collect by itself, and the budget never returned.</summary>
    [Fact]
    public void AtItsFloor_CollectionsAreAskedFor_UntilTheBudgetReturns()
    {
        var time = new ManualTime();
        var memory = new MemoryTier(16_000);
        var asked = new List<GCCollectionMode>();
        var process = new ProcessMemory(() => (asked.Count(mode => mode == GCCollectionMode.Forced) < 2 ? 95 : 50, 100)) { Collect = asked.Add };
        using var metrics = new GatewayMetrics();
        using var pressure = new MemoryPressure(memory, process, metrics, time, NullLogger<MemoryPressure>.Instance);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1_000, GCCollectionMode.Optimized), (memory.Budget, Assert.Single(asked)));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Single(asked);
        time.Advance(TimeSpan.FromSeconds(12));

        Assert.Equal([GCCollectionMode.Optimized, GCCollectionMode.Forced, GCCollectionMode.Forced], asked);
        time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal((16_000, false), (memory.Budget, pressure.IsUnderPressure));
    }
}
