using CacheGateway.Interleavings.Redis;

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

    /// <summary>The same histories through the imitation and through Redis 7, answer by answer.</summary>
    [Fact]
    public async Task Imitation_AnswersAsRedisDoes()
    {
        Assert.SkipUnless(RealServer.IsInstalled, "There is no redis-server on the PATH.");
        var outcome = await Workers.RunAsync(new ExploreOptions { Schedules = 400, Seed = 2, Redis = "both" });
        Assert.True(outcome.IsClean, outcome.Report);
        Assert.Equal(400, outcome.Schedules);
    }
}
