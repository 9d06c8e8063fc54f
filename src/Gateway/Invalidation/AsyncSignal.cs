namespace CacheGateway.Invalidation;

/// <summary>Wakes one loop: set any number of times, it wakes once, at once or at the next wait.</summary>
internal sealed class AsyncSignal
{
    private TaskCompletionSource _set = New();

    public void Set() => Volatile.Read(ref _set).TrySetResult();

    /// <summary>Waits until it is set, but not longer than <paramref name="limit"/>.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        var set = Volatile.Read(ref _set);
        try
        {
            await set.Task.WaitAsync(limit, time, cancellation);
        }
        catch (TimeoutException)
        {
            return;
        }

        // What is set from here on belongs to the next wait; what was set before, this one answers.
        Volatile.Write(ref _set, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
