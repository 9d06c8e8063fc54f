using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;

namespace CacheGateway.Tests.Diagnostics;

/// <summary>Stretches of a series meet: what was counted once is shown once, however far back it lies.</summary>
public sealed class TrafficHistoryTests
{
    private const int SlotsPerLong = 60;

    [Theory]
    [InlineData(5, 360, 100)]
    [InlineData(30, 60, 347)]
    [InlineData(300, 288, 1470)]
    [InlineData(900, 96, 1470)]
    [InlineData(1800, 48, 5000)]
    public void Series_OfOneRequestASlot_HoldsThemAll(int stepSeconds, int points, int slots)
    {
        var policy = Traffic(slots);

        var series = TrafficHistory.Series([policy], TimeSpan.FromSeconds(stepSeconds), points);

        Assert.Equal(points, series.Length);
        Assert.Equal(slots, series.Sum(counts => counts.Requests));
        Assert.All(series[..^1], counts => Assert.InRange(counts.Requests, 0, stepSeconds / 5));
        Assert.InRange(series[^1].Requests, 1, (stepSeconds / 5) + SlotsPerLong);
    }

    /// <summary>Steady traffic is as much in a period as in the one before it.</summary>
    [Theory]
    [InlineData(10, 1470)]
    [InlineData(20, 1470)]
    [InlineData(60, 1470)]
    [InlineData(60, 1499)]
    public void Periods_OfOneRequestASlot_AreEqual(int minutes, int slots)
    {
        var (now, before) = Traffic(slots).History.Periods(TimeSpan.FromMinutes(minutes));

        Assert.Equal((minutes * 12L, minutes * 12L), (now.Requests, before.Requests));
    }

    [Fact]
    public void Periods_LongerThanItHasRun_HoldWhatThereIs()
    {
        var (now, before) = Traffic(40).History.Periods(TimeSpan.FromHours(1));

        Assert.Equal((40L, 0L), (now.Requests, before.Requests));
    }

    /// <summary>However long others have been counted.</summary>
    [Fact]
    public void Periods_OfAPolicyThatCameLater_HoldWhatThereIs()
    {
        var (now, before) = Traffic(40, first: 10_000).History.Periods(TimeSpan.FromHours(1));

        Assert.Equal((40L, 0L), (now.Requests, before.Requests));
    }

    [Fact]
    public void Series_OfSeveralPolicies_IsTheirSum()
    {
        var (one, two) = (Traffic(90), Traffic(40));
        var step = TimeSpan.FromSeconds(30);

        var both = TrafficHistory.Series([one, two], step, 20);

        var alone = TrafficHistory.Series([one], step, 20).Zip(TrafficHistory.Series([two], step, 20), (a, b) => TrafficCounts.Sum([a, b]));
        Assert.All(both.Zip(alone), pair => Assert.Equal(pair.Second.Values.ToArray(), pair.First.Values.ToArray()));
    }

    private static PolicyTraffic Traffic(int slots, int first = 0)
    {
        var policy = new PolicyTraffic("p");
        for (var i = first; i < first + slots; i++)
        {
            policy.Count(ServedFrom.Memory, Reason.Fresh, 10, 100);
            policy.History.Close(policy.Total, i);
        }

        return policy;
    }
}
