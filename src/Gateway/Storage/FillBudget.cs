using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// The share of the memory budget that unfinished fills may take. What they hold is taken from the tier's own budget while they run. Bodies that are to
/// be stored always have half of the share, however many pass beside them.
/// </summary>
internal sealed class FillBudget(MemoryTier memory, double share)
{
    private long _kept;
    private long _copies;
    private long _windows;

    /// <summary>Bytes held by fills under way.</summary>
    public long Held => Volatile.Read(ref _kept) + Volatile.Read(ref _windows);

    private double Share => memory.Budget * share;

    /// <summary>
    /// Takes bytes for a body that is to be stored; false where there are none. Large ones are refused also while clients that are
    /// slow to read such as were dropped hold much of the memory: what is not kept whole, they cannot hold.
    /// </summary>
    /// <param name="bytes">What is missing.</param>
    /// <param name="length">Bytes of the body with these.</param>
    public bool TryTake(long bytes, long length)
    {
        if (length > BodySegments.MaxSegment && memory.LeftOver + length > memory.MostLeftOver)
        {
            return false;
        }

        var kept = Interlocked.Add(ref _kept, bytes);
        if (kept > Share / 2 && kept + Volatile.Read(ref _windows) > Share)
        {
            Interlocked.Add(ref _kept, -bytes);
            return false;
        }

        memory.Reserve(bytes);
        return true;
    }

    /// <summary>
    /// The same for the copy of a body that passes to one client, at whose pace it is held: all of these together have half of the share.
    /// </summary>
    public bool TryTakeCopy(long bytes, long length)
    {
        if (Interlocked.Add(ref _copies, bytes) <= Share / 2 && TryTake(bytes, length))
        {
            return true;
        }

        Interlocked.Add(ref _copies, -bytes);
        return false;
    }

    /// <summary>
    /// Takes the window of a body that is not stored, and returns its bytes: what is wanted while half of the share is free. Somebody must be answered: the
    /// least there is in any case, and it may pass the share; entries make room for a part of that only (<see cref="MemoryTier.ReserveWindow"/>).
    /// </summary>
    public long TakeWindow(long wanted, long least)
    {
        var window = Held + wanted <= Share / 2 ? wanted : Math.Min(wanted, least);
        Interlocked.Add(ref _windows, window);
        memory.ReserveWindow(window);
        return window;
    }

    /// <summary>Gives back what <see cref="TryTake"/> took.</summary>
    public void Return(long bytes)
    {
        if (bytes > 0)
        {
            Interlocked.Add(ref _kept, -bytes);
            memory.Release(bytes);
        }
    }

    /// <summary>Gives back what <see cref="TryTakeCopy"/> took.</summary>
    public void ReturnCopy(long bytes)
    {
        Interlocked.Add(ref _copies, -bytes);
        Return(bytes);
    }

    /// <summary>Gives back what <see cref="TakeWindow"/> took.</summary>
    public void ReturnWindow(long bytes)
    {
        Interlocked.Add(ref _windows, -bytes);
        memory.ReleaseWindow(bytes);
    }
}
