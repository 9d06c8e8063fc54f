using System.Collections.Concurrent;

namespace CacheGateway.Storage;

/// <summary>
/// Name to highest epochs, bounded: the oldest marks beyond the bound are folded into <see cref="FoldedMarks"/>; marks older than the
/// longest life of
/// any stored response are dropped. Owned by one <see cref="TagEpochs"/>: written under its lock, read without.
/// <para>
/// A mark is in its slot before it leaves the dictionary, and a reader looks into the dictionary before the slots: it meets the mark in
/// one of them.
/// </para>
/// </summary>
internal sealed class MarkTable
{
    private readonly ConcurrentDictionary<MarkName, Mark> _marks = new(1, 31, MarkNameComparer.Instance);
    private readonly ConcurrentDictionary<MarkName, Mark>.AlternateLookup<MarkProbe> _lookup;
    private readonly Queue<Mark> _oldest = new();
    private readonly int _maxMarks;
    private readonly int _slots;
    private FoldedMarks? _folded;

    public MarkTable(int maxMarks, int slots)
    {
        _lookup = _marks.GetAlternateLookup<MarkProbe>();
        _maxMarks = maxMarks;
        _slots = slots;
    }

    /// <summary>Marks held by name. Under the lock.</summary>
    public int Count => _oldest.Count;

    /// <summary>Marks folded so far.</summary>
    public long Folded { get; private set; }

    /// <summary>The highest hard and soft epoch that may have been raised for the name.</summary>
    public (long Hard, long Soft) Find(MarkProbe probe)
    {
        var hard = long.MinValue;
        var soft = long.MinValue;
        if (_lookup.TryGetValue(probe, out var mark))
        {
            hard = mark.Hard;
            soft = mark.Soft;
        }

        if (Volatile.Read(ref _folded) is { } folded)
        {
            var slot = folded.Find(probe);
            hard = Math.Max(hard, slot.Hard);
            soft = Math.Max(soft, slot.Soft);
        }

        return (hard, soft);
    }

    /// <summary>False when the mark was as high already.</summary>
    public bool Raise(MarkName name, long epoch, bool soft, long now)
    {
        if (_marks.TryGetValue(name, out var mark))
        {
            return mark.Raise(epoch, soft, now);
        }

        mark = new Mark(name);
        mark.Raise(epoch, soft, now);
        mark.RaisedAgain = false;
        _marks[name] = mark;
        _oldest.Enqueue(mark);
        return true;
    }

    /// <summary>Drops what was raised at or before <paramref name="droppable"/> and folds the oldest beyond the bound.</summary>
    public void Trim(long droppable)
    {
        while (_oldest.TryPeek(out var oldest))
        {
            if (oldest.RaisedAgain)
            {
                oldest.RaisedAgain = false;
                _oldest.Enqueue(_oldest.Dequeue());
                continue;
            }

            var dropped = oldest.RaisedAt <= droppable;
            if (!dropped)
            {
                if (_oldest.Count <= _maxMarks)
                {
                    return;
                }

                Fold(oldest);
            }

            _oldest.Dequeue();
            _marks.TryRemove(oldest.Name!, out _);
        }
    }

    private void Fold(Mark mark)
    {
        var folded = _folded ?? new FoldedMarks(_slots);
        folded.Add(mark);
        Volatile.Write(ref _folded, folded);
        Folded++;
    }
}
