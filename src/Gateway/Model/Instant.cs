namespace CacheGateway.Model;

/// <summary>
/// One reading of both clocks. <see cref="Wall"/> is compared with dates that an origin wrote; everything measured by ourselves
/// (ages, windows, waits) uses <see cref="Monotonic"/>, so that a step of the wall clock changes nothing that is already stored.
/// </summary>
/// <param name="Wall">UTC wall clock.</param>
/// <param name="Monotonic">Milliseconds of a clock that never steps; its zero means nothing.</param>
public readonly record struct Instant(DateTimeOffset Wall, long Monotonic)
{
    public static Instant Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new(time.GetUtcNow(), MonotonicNow(time));
    }

    /// <summary>The monotonic half alone, for the hit path that needs no date.</summary>
    public static long MonotonicNow(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return MonotonicAt(time, time.GetTimestamp());
    }

    /// <summary>The monotonic half of when <paramref name="timestamp"/> was read.</summary>
    public static long MonotonicAt(TimeProvider time, long timestamp)
    {
        ArgumentNullException.ThrowIfNull(time);
        return (long)(timestamp * (1000.0 / time.TimestampFrequency));
    }
}
