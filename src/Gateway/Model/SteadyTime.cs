namespace CacheGateway.Model;

/// <summary>
/// A clock whose date never steps, for libraries that measure with dates: that of <paramref name="time"/> when this was made, and from then on what its monotonic
/// clock adds. Everything else is as there.
/// </summary>
/// <param name="time">The clock of the gateway.</param>
internal sealed class SteadyTime(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _madeAt = time.GetUtcNow();
    private readonly long _made = time.GetTimestamp();

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _madeAt + time.GetElapsedTime(_made);

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
