namespace CacheGateway.Storage;

/// <summary>
/// Marks that no longer fit the table: each falls into the slot that its name hashes to, which keeps the highest epoch of all that fell
/// there.
/// Names that share a slot die with each other: too early, never too late. Slots only rise. Written under the lock of <see
/// cref="TagEpochs"/>.
/// </summary>
internal sealed class FoldedMarks
{
    private readonly long[] _hard;
    private readonly long[] _soft;

    public FoldedMarks(int slots)
    {
        _hard = new long[slots];
        _soft = new long[slots];
        Array.Fill(_hard, long.MinValue);
        Array.Fill(_soft, long.MinValue);
    }

    public void Add(Mark mark)
    {
        var slot = Slot(mark.Hash);
        Volatile.Write(ref _hard[slot], Math.Max(_hard[slot], mark.Hard));
        Volatile.Write(ref _soft[slot], Math.Max(_soft[slot], mark.Soft));
    }

    public (long Hard, long Soft) Find(MarkProbe probe)
    {
        var slot = Slot(probe.Hash);
        return (Volatile.Read(ref _hard[slot]), Volatile.Read(ref _soft[slot]));
    }

    private uint Slot(int hash) => (uint)hash % (uint)_hard.Length;
}
