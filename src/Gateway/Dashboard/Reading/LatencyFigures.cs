using CacheGateway.Diagnostics.Traffic;

namespace CacheGateway.Dashboard.Reading;

/// <summary>One row of a table of latencies, in milliseconds.</summary>
public sealed record LatencyFigures(string Name, long Count, double P50, double P90, double P99)
{
    /// <summary>The three kinds of answers that traffic knows.</summary>
    internal static IReadOnlyList<LatencyFigures> Of(TrafficCounts counts) =>
    [
        Of("Cache", counts.CachedLatency), Of("Shared fetch", counts.CollapsedLatency), Of("Origin", counts.UncachedLatency),
    ];

    private static LatencyFigures Of(string name, LatencySummary latency) => new(name, latency.Count, latency.P50, latency.P90, latency.P99);
}
