namespace CacheGateway.Invalidation;

/// <summary>Wakes one loop: set any number of times, it wakes once, at once or at the next wait.</summary>
internal sealed class AsyncSignal
{
    private readonly SemaphoreSlim _set = new(0, 1);
    private int _isSet;

    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
        {
            _set.Release();
        }
    }

    /// <summary>Waits until it is set, but not longer than <paramref name="limit"/>.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = time.CreateTimer(_ => Set(), null, limit, Timeout.InfiniteTimeSpan);
        await _set.WaitAsync(cancellation);
        Interlocked.Exchange(ref _isSet, 0);
    }
}
