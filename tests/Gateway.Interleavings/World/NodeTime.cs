namespace CacheGateway.Interleavings;

/// <summary>The clocks of one node: one monotonic clock for the whole world, a wall clock that is off by its own amount, timers that the world fires.</summary>
internal sealed class NodeTime(Timeline timeline, TimeSpan wallAhead) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => timeline.WallNow + wallAhead;

    public override long GetTimestamp() => timeline.Ticks;

    /// <summary>The node's timers, running or not.</summary>
    public List<NodeTimer> Timers { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new NodeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal long Ticks => timeline.Ticks;
}

/// <summary>The world's clock. It stands still until somebody moves it.</summary>
internal sealed class Timeline
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Since a moment that means nothing, in 100 ns.</summary>
    public long Ticks { get; private set; } = TimeSpan.TicksPerHour;

    public DateTimeOffset WallNow => Start + TimeSpan.FromTicks(Ticks);

    /// <summary>Microseconds since 1970, as Redis counts.</summary>
    public long Micros => (WallNow - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public void MoveTo(long ticks) => Ticks = Math.Max(Ticks, ticks);
}

internal sealed class NodeTimer(NodeTime time, TimerCallback callback, object? state) : ITimer
{
    private TimeSpan _period = Timeout.InfiniteTimeSpan;

    public long Due { get; private set; } = long.MaxValue;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        time.Timers.Remove(this);
        _period = period;
        Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.Ticks + Math.Max(0, dueTime.Ticks);
        if (Due != long.MaxValue)
        {
            time.Timers.Add(this);
        }

        return true;
    }

    public void Fire()
    {
        if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero)
        {
            time.Timers.Remove(this);
            Due = long.MaxValue;
        }
        else
        {
            Due = time.Ticks + _period.Ticks;
        }

        callback(state);
    }

    public void Dispose() => time.Timers.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
