using CacheGateway.Diagnostics.Traffic;

namespace CacheGateway.Operations;

/// <summary>Where and when the cache is warm: hits by policy and time, and by a hash of the key.</summary>
internal sealed class HeatMap(TrafficRecorder traffic, TimeProvider time)
{
    /// <param name="step">How long a column is; rounded up to the slots that are kept for so long a time.</param>
    /// <param name="points">How many columns; no more than reach back a day.</param>
    public HeatAnswer Read(TimeSpan step, int points)
    {
        var column = RoundedUp(step, TrafficHistory.ShortSlot);
        column = column * points <= TrafficHistory.ShortReach ? column : RoundedUp(step, TrafficHistory.LongSlot);
        var columns = (int)Math.Clamp(TrafficHistory.LongReach / column, 1, points);
        return new HeatAnswer(
            time.GetUtcNow(), column.TotalSeconds,
            [.. traffic.Policies.Select(policy => new HeatRow(policy.Name, [.. TrafficHistory.Series([policy], column, columns).Select(HeatCell.Of)]))],
            [.. traffic.KeyHeat.Select(bucket => new HeatBucket(bucket.Hits, bucket.Misses))]);
    }

    private static TimeSpan RoundedUp(TimeSpan step, TimeSpan slot) => slot * Math.Max(1, Math.Ceiling(step / slot));
}

/// <param name="End">When the last column ends.</param>
/// <param name="StepSeconds">How long a column is.</param>
/// <param name="Policies">One row each; columns from the oldest on.</param>
/// <param name="Buckets">Keys by their hash, from a sample, since the start.</param>
internal sealed record HeatAnswer(DateTimeOffset End, double StepSeconds, IReadOnlyList<HeatRow> Policies, IReadOnlyList<HeatBucket> Buckets);

internal sealed record HeatRow(string Policy, IReadOnlyList<HeatCell> Cells);

/// <param name="Requests">Requests answered.</param>
/// <param name="Cacheable">Of them, those that a cache could have answered.</param>
/// <param name="Hits">Of those, the ones that were.</param>
/// <param name="HitRatio">One by the other; null without any.</param>
/// <param name="CachedMs">Mean latency from the cache, milliseconds; 0 without any.</param>
/// <param name="UncachedMs">Mean latency from the origin, milliseconds; 0 without any.</param>
/// <param name="OriginRequests">Requests sent to the origin.</param>
internal sealed record HeatCell(long Requests, long Cacheable, long Hits, double? HitRatio, double CachedMs, double UncachedMs, long OriginRequests)
{
    public static HeatCell Of(TrafficCounts counts) =>
        new(counts.Requests, counts.Cacheable, counts.Hits + counts.Collapsed, counts.HitRatio, counts.CachedLatency.Mean, counts.UncachedLatency.Mean, counts.OriginRequests);
}

internal sealed record HeatBucket(long Hits, long Misses);
