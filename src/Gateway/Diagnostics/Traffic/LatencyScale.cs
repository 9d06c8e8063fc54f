using System.Numerics;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// Buckets of latency histograms: microseconds, eight buckets to each doubling, so that a quantile read from them is at most 6.3 % off. Below
/// 8 microseconds each has its own; everything above 134 seconds shares the last.
/// </summary>
internal static class LatencyScale
{
    public const int Buckets = 200;

    private const int PerDoublingLog2 = 3;
    private const int PerDoubling = 1 << PerDoublingLog2;

    public static int IndexOf(long microseconds)
    {
        if (microseconds < PerDoubling)
        {
            return (int)Math.Max(0, microseconds);
        }

        var exponent = BitOperations.Log2((ulong)microseconds);
        var index = ((exponent - PerDoublingLog2 + 1) << PerDoublingLog2) + (int)((microseconds >> (exponent - PerDoublingLog2)) & (PerDoubling - 1));
        return Math.Min(index, Buckets - 1);
    }

    /// <summary>The first value, in microseconds, that belongs to the next bucket.</summary>
    public static long EndOf(int index)
    {
        if (index < PerDoubling)
        {
            return index + 1;
        }

        var exponent = (index >> PerDoublingLog2) + PerDoublingLog2 - 1;
        return ((index & (PerDoubling - 1)) + PerDoubling + 1L) << (exponent - PerDoublingLog2);
    }

    /// <summary>The first value of a bucket.</summary>
    public static long StartOf(int index) => index == 0 ? 0 : EndOf(index - 1);
}
