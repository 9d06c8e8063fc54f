namespace CacheGateway.Storage;

/// <summary>
/// A first-in-first-out queue of nodes linked through themselves by their places, with its bytes. Owned by one <see cref="MemoryTier"/>, used under its
/// lock.
/// </summary>
internal sealed class MemoryQueue(MemoryPlaces places)
{
    private int _head;
    private int _tail;

    public MemoryNode? Head => Node(_head);

    public long Bytes { get; private set; }

    /// <summary>The node behind <paramref name="node"/>, or null for the last.</summary>
    public MemoryNode? After(MemoryNode node) => Node(node.Next);

    public void Append(MemoryNode node, long size)
    {
        node.Previous = _tail;
        node.Next = 0;
        if (Node(_tail) is { } last)
        {
            last.Next = node.Place;
        }
        else
        {
            _head = node.Place;
        }

        _tail = node.Place;
        Bytes += size;
    }

    public void Remove(MemoryNode node, long size)
    {
        if (Node(node.Previous) is { } before)
        {
            before.Next = node.Next;
        }
        else
        {
            _head = node.Next;
        }

        if (Node(node.Next) is { } behind)
        {
            behind.Previous = node.Previous;
        }
        else
        {
            _tail = node.Previous;
        }

        node.Previous = node.Next = 0;
        Bytes -= size;
    }

    /// <summary>Takes a node's change of size into account.</summary>
    public void Resize(long delta) => Bytes += delta;

    private MemoryNode? Node(int place) => place == 0 ? null : places[place];
}
