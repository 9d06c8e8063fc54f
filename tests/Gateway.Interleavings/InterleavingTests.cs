namespace CacheGateway.Interleavings;

/// <summary>As many schedules as a change has to survive; a longer run is a command (see docs/invalidation.md).</summary>
public sealed class InterleavingTests
{
    [Fact]
    public async Task Schedules_FindNoAnswerOlderThanAnAcknowledgedInvalidation()
    {
        var outcome = await Workers.RunAsync(new ExploreOptions { Schedules = 20_000, Seed = 1 });
        Assert.True(outcome.IsClean, outcome.Report);
        Assert.Equal(20_000, outcome.Schedules);
    }
}
