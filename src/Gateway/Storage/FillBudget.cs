namespace CacheGateway.Storage;

/// <summary>
/// The share of the memory budget that unfinished fills may take. What they hold is taken from the tier's own budget while they run.
/// </summary>
internal sealed class FillBudget(MemoryTier memory, double share)
{
    private long _held;

    /// <summary>Bytes held by fills under way.</summary>
    public long Held => Volatile.Read(ref _held);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > memory.Budget * share)
        {
            Interlocked.Add(ref _held, -bytes);
            return false;
        }

        memory.Reserve(bytes);
        return true;
    }

    /// <summary>As <see cref="TryTake"/>, for what cannot be done without: it may pass the share.</summary>
    public void Take(long bytes)
    {
        Interlocked.Add(ref _held, bytes);
        memory.Reserve(bytes);
    }

    public void Return(long bytes)
    {
        if (bytes > 0)
        {
            Interlocked.Add(ref _held, -bytes);
            memory.Release(bytes);
        }
    }
}
