namespace CacheGateway.Storage;

/// <summary>
/// A first-in-first-out queue of nodes linked through themselves, with its bytes. Owned by one <see cref="MemoryTier"/>, used under its
/// lock.
/// </summary>
internal sealed class MemoryQueue
{
    private MemoryNode? _tail;

    public MemoryNode? Head { get; private set; }

    public long Bytes { get; private set; }

    public void Append(MemoryNode node, long size)
    {
        node.Previous = _tail;
        node.Next = null;
        if (_tail is null)
        {
            Head = node;
        }
        else
        {
            _tail.Next = node;
        }

        _tail = node;
        Bytes += size;
    }

    public void Remove(MemoryNode node, long size)
    {
        if (node.Previous is null)
        {
            Head = node.Next;
        }
        else
        {
            node.Previous.Next = node.Next;
        }

        if (node.Next is null)
        {
            _tail = node.Previous;
        }
        else
        {
            node.Next.Previous = node.Previous;
        }

        node.Previous = node.Next = null;
        Bytes -= size;
    }

    /// <summary>Takes a node's change of size into account.</summary>
    public void Resize(long delta) => Bytes += delta;
}
