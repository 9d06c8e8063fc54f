using CacheGateway.Dashboard.Charts;
using CacheGateway.Diagnostics.Traffic;

namespace CacheGateway.Dashboard.Reading;

/// <summary>A stretch of traffic as charts take it: one value for each step, none before the process began.</summary>
internal sealed record TrafficSeries(TimeRange Range, IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<TrafficCounts?> Counts)
{
    /// <summary>How much longer than the others the last stretch is, for what has been gathered since.</summary>
    public TimeSpan Longer { get; init; }

    public IReadOnlyList<double?> PerSecond(Func<TrafficCounts, double?> count) =>
        [.. Counts.Select((counts, i) => counts is null ? (double?)null : count(counts) / (Range.Step + (i == Counts.Count - 1 ? Longer : default)).TotalSeconds)];

    public IReadOnlyList<double?> Each(Func<TrafficCounts, double?> value) => [.. Counts.Select(counts => counts is null ? null : value(counts))];

    /// <summary>Every answer by where it came from, as layers whose sum is all requests.</summary>
    public IReadOnlyList<ChartSeries> BySource() =>
        [.. Sources.All.Select(source => new ChartSeries(source.Name, source.Tone, PerSecond(counts => source.Count(counts))))
            .Where(series => series.Values.Any(value => value > 0))];

    public IReadOnlyList<ChartSeries> Latencies() =>
    [
        new("cached, half are faster", "memory", Each(counts => Quantile(counts.CachedLatency, latency => latency.P50))),
        new("cached, 99 % are faster", "collapsed", Each(counts => Quantile(counts.CachedLatency, latency => latency.P99))),
        new("origin, half are faster", "origin", Each(counts => Quantile(counts.UncachedLatency, latency => latency.P50))),
        new("origin, 99 % are faster", "stale", Each(counts => Quantile(counts.UncachedLatency, latency => latency.P99))),
    ];

    private static double? Quantile(LatencySummary latency, Func<LatencySummary, double> quantile) => latency.Count == 0 ? null : quantile(latency);
}
