using System.Diagnostics;

namespace CacheGateway.Soak;

/// <summary>One monotonic clock for origin, clients and checker: they are in one process.</summary>
internal static class Clock
{
    private static readonly long Start = Stopwatch.GetTimestamp();

    public static TimeSpan Now => Stopwatch.GetElapsedTime(Start);
}
