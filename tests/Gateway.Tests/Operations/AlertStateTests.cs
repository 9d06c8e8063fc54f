using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Operations;
using CacheGateway.Operations.Alerts;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Operations;

public sealed class AlertStateTests
{
    private static readonly DateTimeOffset Now = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>B bad, g good, - on the edge, ? too little to judge; the states after each look.</summary>
    [Theory]
    [InlineData("BB", "..")]
    [InlineData("BBB", "..F")]
    [InlineData("BBgBB", ".....")]
    [InlineData("BBBggg", "..FFF.")]
    [InlineData("BBBggBgg", "..FFFFFF")]
    [InlineData("BBB---", "..FFFF")]
    [InlineData("BBB???", "..FFF.")]
    [InlineData("BB?B", "....")]
    public void State_ChangesOnlyAfterItsLooks(string looks, string firing)
    {
        AlertState? state = null;
        var seen = "";
        foreach (var look in looks)
        {
            state = AlertState.Next(state, Look(look), 3, Now);
            seen += state.IsFiring ? 'F' : '.';
        }

        Assert.Equal(firing, seen);
    }

    [Theory]
    [InlineData(100, 100, 88, 0.95, 66)]
    [InlineData(160, 66, 8, 0.95, 10)]
    [InlineData(100, 66, 50, 0.85, 66)]
    [InlineData(100, 66, 50, 0.5, 78)]
    [InlineData(100, 95, 50, 0.5, 100)]
    public void Budget_FallsUnderPressure_AndReturns(long configured, long budget, long held, double share, long next) =>
        Assert.Equal(next, MemoryPressure.Next(configured, budget, held, share));

    [Fact]
    public void Reasons_AreAllExplained() => Assert.All(Enum.GetValues<Reason>(), reason =>
    {
        var facts = ReasonFacts.Of(reason);
        Assert.NotEmpty(facts.Meaning);
        Assert.NotEmpty(facts.Source);
        Assert.NotEmpty(facts.Advice);
    });

    /// <summary>What is in no ratio explains none.</summary>
    [Fact]
    public void HitRatioLow_NamesACauseThatIsInTheRatio()
    {
        var policy = new PolicyTraffic("p");
        for (var i = 0; i < 200; i++)
        {
            policy.Count(ServedFrom.Passed, Reason.EventStream, 0, 1);
            policy.Count(ServedFrom.Passed, Reason.EventStream, 0, 1);
            policy.Count(ServedFrom.Origin, Reason.Expired, 0, 1);
        }

        var look = TrafficRules.OfPolicy("p", policy.Total, new AlertSettings()).Single(look => look.Rule == "hit-ratio-low");

        Assert.EndsWith("; most often because of expired", look.Title, StringComparison.Ordinal);
    }

    /// <summary>However high the threshold is, the best there can be ends the alert.</summary>
    [Theory]
    [InlineData(0.6, 1)]
    [InlineData(0.95, 1)]
    [InlineData(1, 1)]
    [InlineData(95, 100)]
    public void Alert_EndsAtTheBestThereCanBe(double threshold, double most)
    {
        Assert.True(AlertLook.Below("r", "", most, threshold, most, "", "").IsGood);
        Assert.False(AlertLook.Below("r", "", threshold * 0.999, threshold, most, "", "").IsGood);
    }

    private static AlertLook Look(char kind) => kind switch
    {
        'B' => AlertLook.Below("r", "", 0.5, 0.6, 1, "", ""),
        'g' => AlertLook.Below("r", "", 0.9, 0.6, 1, "", ""),
        '-' => AlertLook.Below("r", "", 0.62, 0.6, 1, "", ""),
        _ => AlertLook.Below("r", "", null, 0.6, 1, "", ""),
    };
}
