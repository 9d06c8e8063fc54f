using CacheGateway.Hosting;

namespace CacheGateway.Tests.Hosting;

public sealed class DrainTests
{
    [Theory]
    // Whoever sends clients here has not noticed yet, however quiet it was before.
    [InlineData(0, 3_600_000, false)]
    [InlineData(900, 3_600_000, false)]
    [InlineData(1000, 3_600_000, true)]
    // Somebody came half a second ago.
    [InlineData(9900, 500, false)]
    [InlineData(9900, 1000, true)]
    // Half of the time to drain is over.
    [InlineData(10_000, 0, true)]
    public void Ends_WhenNobodyComesAnyMore(int elapsed, int quiet, bool hasEnded) =>
        Assert.Equal(hasEnded, Drain.HasEnded(TimeSpan.FromMilliseconds(elapsed), TimeSpan.FromMilliseconds(quiet), TimeSpan.FromSeconds(10)));
}
