using CacheGateway.Dashboard.Reading;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Dashboard;

/// <summary>What charts say of steady traffic is steady.</summary>
public sealed class TrafficReaderTests
{
    private static readonly CachePolicy Early = new() { Name = "early" };
    private static readonly CachePolicy Late = new() { Name = "late" };

    /// <summary>The newest column of a long range holds what has been gathered beside its slots, and of every policy as much of it, whenever the policy was first asked for.</summary>
    [Fact]
    public void NewestColumn_WithAPolicyThatCameLater_IsAsHighAsTheOthers()
    {
        var time = new ManualTime();
        using var traffic = new TrafficRecorder(time);
        var reader = new TrafficReader(traffic, time);
        var newest = new List<double?>();
        var saved = new List<double?>();
        for (var second = 0; second < 45 * 60; second++)
        {
            if (second == 1)
            {
                traffic.Of(Early).Count(ServedFrom.Origin, Reason.Miss, 0, 20_000);
                traffic.Of(Early).Count(TrafficFact.OriginRequests);
            }

            traffic.Of(Early).Count(ServedFrom.Memory, Reason.Fresh, 0, 10);
            if (second >= 150)
            {
                traffic.Of(Late).Count(ServedFrom.Failed, Reason.OriginBusy, 0, 10);
            }

            time.Advance(TimeSpan.FromSeconds(1));
            if (second >= 40 * 60 && second % 5 == 4)
            {
                var series = reader.Series(TimeRange.Of("24h"));
                newest.Add(series.PerSecond(counts => counts.Of(ServedFrom.Memory))[^1]);
                newest.Add(series.PerSecond(counts => counts.Of(ServedFrom.Failed))[^1]);
                saved.Add(series.PerSecond(counts => counts.OriginMillisecondsSaved)[^1]);
            }
        }

        Assert.Equal(120, newest.Count);
        Assert.All(newest, value => Assert.Equal(1.0, value!.Value, 9));
        Assert.All(saved, value => Assert.Equal(20.0, value!.Value, 9));
    }
}
