using CacheGateway.Operations.Alerts;

namespace CacheGateway.Tests.Operations;

public sealed class StateRulesTests
{
    private static readonly GatewayFacts Sound = new(HasRedis: true, IsRedisAway: false, IsBlind: false, TimeSpan.Zero, 0, 0, 100, 0, false, 0, 0);

    [Fact]
    public void BusLag_IsJudged_WhereRedisAnswers()
    {
        var look = Look(Sound with { BusLag = TimeSpan.FromSeconds(5) }, "bus-lag");

        Assert.True(look.IsBad);
        Assert.Equal("Invalidations of other nodes arrive 5000 ms late", look.Title);
    }

    /// <summary>How long nothing was heard is no lateness: "redis-away" says what is the matter.</summary>
    [Fact]
    public void BusLag_IsNoneWhileRedisIsAway()
    {
        var facts = Sound with { IsRedisAway = true, BusLag = TimeSpan.FromMilliseconds(int.MaxValue) };

        Assert.Equal((null, true), (Look(facts, "bus-lag").IsBad, Look(facts, "bus-lag").IsGood));
        Assert.True(Look(facts, "redis-away").IsBad);
    }

    /// <summary>Where Redis is away, that alert says it.</summary>
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    public void Blind_IsJudged_WhereRedisIsThere(bool isAway, bool isBlind, bool isBad) =>
        Assert.Equal(isBad, Look(Sound with { IsRedisAway = isAway, IsBlind = isBlind }, "bus-blind").IsBad);

    [Fact]
    public void BusLag_IsNoneBeforeAnythingWasHeard() => Assert.Null(Look(Sound with { BusLag = null }, "bus-lag").IsBad);

    [Theory]
    [InlineData(1, "The policy file has 1 error; the last good one stays in force")]
    [InlineData(2, "The policy file has 2 errors; the last good one stays in force")]
    public void Errors_AreCounted(int errors, string title) => Assert.Equal(title, Look(Sound with { PolicyErrors = errors }, "policies-broken").Title);

    [Theory]
    [InlineData(1, "1 invalidation in the last minute on this node")]
    [InlineData(700, "700 invalidations in the last minute on this node")]
    public void Invalidations_AreCounted(int count, string title) => Assert.Equal(title, Look(Sound with { InvalidationsPerMinute = count }, "invalidation-storm").Title);

    /// <summary>What fetches under way hold is used as well.</summary>
    [Theory]
    [InlineData(90, 0, 1, false, "The memory budget is used to 90 %; 1 entry was dropped for others in the last minute")]
    [InlineData(91, 0, 2, true, "The memory budget is used to 91 %; 2 entries were dropped for others in the last minute")]
    [InlineData(50, 45, 0, true, "The memory budget is used to 95 %; 0 entries were dropped for others in the last minute")]
    public void Memory_IsJudged_ByItsBudget(long bytes, long reserved, long evicted, bool isBad, string title)
    {
        var look = Look(Sound with { MemoryBytes = bytes, MemoryReserved = reserved, Evicted = evicted }, "memory-high");

        Assert.Equal((isBad, title), (look.IsBad, look.Title));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pressure_IsTold_WhileItLasts(bool isUnderPressure) =>
        Assert.Equal(isUnderPressure, Look(Sound with { IsUnderPressure = isUnderPressure }, "memory-pressure").IsBad);

    private static AlertLook Look(GatewayFacts facts, string rule) => Assert.Single(StateRules.Of(facts, new AlertSettings()), look => look.Rule == rule);
}
