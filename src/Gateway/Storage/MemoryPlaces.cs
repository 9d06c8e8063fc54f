namespace CacheGateway.Storage;

/// <summary>
/// A number for each node of a <see cref="MemoryTier"/>, by which the hash table and the eviction queues name it; 0 is none. Read without a lock, written
/// under the tier's. Numbers are used again, the last given back first.
/// <para>
/// Numbers in place of references, because the garbage collector looks through whatever old memory a reference to something new was written into, kilobytes at a time: a
/// table of references that is written all over, and queues through nodes that lie all over, cost it as much as the entries themselves. Here new
/// references stand side by side.
/// </para>
/// </summary>
internal sealed class MemoryPlaces
{
    /// <summary>Places of a page: small enough that the collector moves it out of the way like any other object.</summary>
    private const int PageBits = 12;

    private MemoryNode?[][] _pages = [];
    private int[] _free = [];
    private int _freeCount;
    private int _end = 1;

    /// <summary>One behind the last place that was ever given.</summary>
    public int End => Volatile.Read(ref _end);

    /// <summary>
    /// The node at a place, or null when it was given back. Who reads without the lock may also find the node that has the place by now: whether it is
    /// the one that was meant is for the reader to see.
    /// </summary>
    public MemoryNode? this[int place] => Volatile.Read(ref At(place));

    /// <summary>Gives a new node its place.</summary>
    public void Take(MemoryNode node)
    {
        var place = _freeCount > 0 ? _free[--_freeCount] : _end;
        if (place >> PageBits == _pages.Length)
        {
            // A larger list of the same pages; readers have the old one or this.
            Volatile.Write(ref _pages, [.. _pages, new MemoryNode?[1 << PageBits]]);
        }

        node.Place = place;
        Volatile.Write(ref At(place), node);
        if (place == _end)
        {
            Volatile.Write(ref _end, place + 1);
        }
    }

    /// <summary>Gives the place of a dead node back. Nothing names it any more, but for readers that are about to notice.</summary>
    public void Return(MemoryNode node)
    {
        Volatile.Write(ref At(node.Place), null);
        if (_freeCount == _free.Length)
        {
            Array.Resize(ref _free, Math.Max(64, _freeCount * 2));
        }

        _free[_freeCount++] = node.Place;
    }

    private ref MemoryNode? At(int place) => ref Volatile.Read(ref _pages)[place >> PageBits][place & ((1 << PageBits) - 1)];
}
