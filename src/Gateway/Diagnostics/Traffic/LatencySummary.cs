namespace CacheGateway.Diagnostics.Traffic;

/// <summary>Quantiles of a latency histogram, in milliseconds; all 0 when nothing was counted.</summary>
/// <param name="Count">Requests measured.</param>
/// <param name="Mean">Exact; the quantiles are at most 6.3 % off.</param>
/// <param name="P50">Half were faster.</param>
/// <param name="P90">Nine of ten were faster.</param>
/// <param name="P99">All but one in a hundred were faster.</param>
/// <param name="Max">The end of the last bucket in use.</param>
internal sealed record LatencySummary(long Count, double Mean, double P50, double P90, double P99, double Max)
{
    public static readonly LatencySummary None = new(0, 0, 0, 0, 0, 0);

    /// <param name="counts">The sum in microseconds, and behind it one count for each bucket.</param>
    public static LatencySummary Of(ReadOnlySpan<long> counts)
    {
        var buckets = counts[1..];
        long count = 0;
        foreach (var bucket in buckets)
        {
            count += bucket;
        }

        return count == 0 ? None : new LatencySummary(
            count, counts[0] / 1000.0 / count, Quantile(buckets, count, 0.5), Quantile(buckets, count, 0.9), Quantile(buckets, count, 0.99), Quantile(buckets, count, 1));
    }

    private static double Quantile(ReadOnlySpan<long> buckets, long count, double quantile)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(count * quantile));
        long seen = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            seen += buckets[i];
            if (seen >= rank)
            {
                // In the middle of its bucket it is nowhere far from what was counted, however that lies in it.
                return (quantile >= 1 ? LatencyScale.EndOf(i) : (LatencyScale.StartOf(i) + LatencyScale.EndOf(i)) / 2.0) / 1000.0;
            }
        }

        return 0;
    }
}
