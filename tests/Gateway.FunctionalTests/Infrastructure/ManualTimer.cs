namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>A timer of <see cref="ManualTime"/>; its callback runs on the pool, as a real timer's does, so that a test never blocks the code under test.</summary>
internal sealed class ManualTimer(ManualTime time, Action callback) : ITimer
{
    public long Due { get; set; }

    public TimeSpan Period { get; set; } = Timeout.InfiniteTimeSpan;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        time.Schedule(this, dueTime, period);
        return true;
    }

    public void Fire() => ThreadPool.QueueUserWorkItem(_ => callback());

    public void Dispose() => time.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
