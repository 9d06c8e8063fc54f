using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Operations.Alerts;

namespace CacheGateway.Tests.Operations;

public sealed class TrafficRulesTests
{
    [Theory]
    [InlineData(100, 90, false)]
    [InlineData(100, 150, true)]
    [InlineData(99, 150, null)]
    public void CachedLatency_IsJudged_WhereEnoughWasAnswered(int answers, int milliseconds, bool? isBad)
    {
        var look = Look(Counts(answers, milliseconds, 0, 0), "cached-latency-high");

        Assert.Equal((isBad, "p", 100), (look.IsBad, look.Subject, look.Threshold));
    }

    [Fact]
    public void CachedLatency_IsTheSlowestHundredth()
    {
        var policy = new PolicyTraffic("p");
        for (var i = 0; i < 1000; i++)
        {
            policy.Count(ServedFrom.Memory, Reason.Fresh, 0, i < 985 ? 100 : 1_000_000);
        }

        Assert.True(Look(policy.Total, "cached-latency-high").IsBad);
    }

    [Theory]
    [InlineData(100, 71, 10, 100, true, "The cache makes policy p 29 % faster")]
    [InlineData(100, 50, 10, 100, false, "The cache makes policy p 50 % faster")]
    [InlineData(99, 71, 10, 100, null, "The cache makes policy p 29 % faster")]
    [InlineData(100, 71, 9, 100, null, "The cache makes policy p 29 % faster")]
    public void Improvement_IsJudged_WhereBothWaysAreKnown(int hits, int cached, int misses, int uncached, bool? isBad, string title)
    {
        var look = Look(Counts(hits, cached, misses, uncached), "improvement-low");

        Assert.Equal((isBad, title), (look.IsBad, look.Title));
    }

    [Fact]
    public void Zero_SwitchesARuleOff()
    {
        var off = new AlertSettings { HitRatio = 0, CachedP99 = TimeSpan.Zero, ImprovementPercent = 0 };

        Assert.Empty(TrafficRules.OfPolicy("p", Counts(1000, 1000, 1000, 1000), off));
    }

    [Fact]
    public void NothingIsExpected_OfWhatNoPolicyTakes() =>
        Assert.Empty(TrafficRules.OfPolicy(TrafficRecorder.NoPolicy, Counts(1000, 1000, 1000, 1000), new AlertSettings()));

    /// <summary>Somebody switched it off, and need not be told to switch it on; what was answered before that is judged as ever.</summary>
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(99, 0, null)]
    [InlineData(0, 100, true)]
    [InlineData(100, 0, false)]
    [InlineData(50, 50, true)]
    public void HitRatio_IsNotOfWhatPassesASwitchedOffPolicy(int hits, int misses, bool? isBad)
    {
        var policy = new PolicyTraffic("p");
        for (var i = 0; i < 200; i++)
        {
            policy.Count(ServedFrom.Passed, Reason.PolicyOff, 0, 10_000);
        }

        var look = Look(TrafficCounts.Sum([policy.Total, Counts(hits, 1, misses, 50)]), "hit-ratio-low");

        Assert.Equal(isBad, look.IsBad);
        Assert.DoesNotContain("enabled", look.Recommendation, StringComparison.Ordinal);
    }

    /// <summary>Latencies in milliseconds.</summary>
    private static TrafficCounts Counts(int hits, int cached, int misses, int uncached)
    {
        var policy = new PolicyTraffic("p");
        for (var i = 0; i < hits; i++)
        {
            policy.Count(ServedFrom.Memory, Reason.Fresh, 0, cached * 1000L);
        }

        for (var i = 0; i < misses; i++)
        {
            policy.Count(ServedFrom.Origin, Reason.Miss, 0, uncached * 1000L);
        }

        return policy.Total;
    }

    private static AlertLook Look(TrafficCounts counts, string rule) => Assert.Single(TrafficRules.OfPolicy("p", counts, new AlertSettings()), look => look.Rule == rule);
}
