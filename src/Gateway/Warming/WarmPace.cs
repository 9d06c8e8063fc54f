namespace CacheGateway.Warming;

/// <summary>Lets so many through a second, evenly; without a limit everyone at once.</summary>
internal sealed class WarmPace(double perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _step = perSecond > 0 ? (long)(time.TimestampFrequency / perSecond) : 0;
    private long _next = time.GetTimestamp();

    public Task NextAsync(CancellationToken cancellation)
    {
        if (_step == 0)
        {
            return Task.CompletedTask;
        }

        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            // A pause is not made up for: that would be a burst.
            _next = Math.Max(_next, now);
            wait = time.GetElapsedTime(now, _next);
            _next += _step;
        }

        // The pace itself: so many a second were asked for.
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellation) : Task.CompletedTask;
    }
}
