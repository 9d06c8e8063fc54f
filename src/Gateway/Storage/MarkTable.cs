using System.Numerics;

namespace CacheGateway.Storage;

/// <summary>
/// Name to highest epochs, bounded: the oldest marks beyond the bound are folded into <see cref="FoldedMarks"/>. Owned by one <see cref="TagEpochs"/>: written under its lock, read without.
/// <para>
/// Open addressing with linear probing: a place, once taken, is never empty again in the same array, so a reader that goes from a name's own place to the
/// first empty one meets every mark that was there when it took the array. An array that is half full is replaced by a new one, whole. A node that starts
/// puts 100,000 marks in: this makes no object beside the mark, and nothing that has to be compiled then.
/// </para>
/// <para>
/// A mark is in its slot before it leaves the table, and a reader looks into the table before the slots: it meets the mark in one of them.
/// </para>
/// </summary>
internal sealed class MarkTable(int maxMarks, int slots)
{
    private const int Smallest = 64;

    /// <summary>Characters of names that are held: URLs can be long, and anybody may write to a new one.</summary>
    private const long MostText = 32 * 1024 * 1024;

    /// <summary>Where a mark has gone: no name is equal to it.</summary>
    private static readonly Mark Gone = new();

    private readonly Queue<Mark> _oldest = new();
    private Mark?[] _places = new Mark?[Smallest];
    private int _taken;
    private long _text;
    private FoldedMarks? _folded;

    /// <summary>Marks held by name. Under the lock.</summary>
    public int Count => _oldest.Count;

    /// <summary>The highest hard and soft epoch that may have been raised for the name.</summary>
    public (long Hard, long Soft) Find(MarkProbe probe)
    {
        var hard = long.MinValue;
        var soft = long.MinValue;
        if (Look(Volatile.Read(ref _places), probe, out _) is { } mark)
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
    public bool Raise(MarkName name, long epoch, bool soft)
    {
        var probe = new MarkProbe(name.Kind, name.Authority, name.Text);
        if (Look(_places, probe, out var place) is { } known)
        {
            return known.Raise(epoch, soft);
        }

        var mark = new Mark(name, probe.Hash);
        mark.Raise(epoch, soft);
        mark.RaisedAgain = false;
        Volatile.Write(ref _places[place], mark);
        _oldest.Enqueue(mark);
        _text += mark.Length;
        if (++_taken > _places.Length / 2)
        {
            Replace();
        }

        return true;
    }

    /// <summary>Folds the oldest beyond the bound; those raised again meanwhile are not the oldest any more.</summary>
    public void Trim()
    {
        while (_oldest.TryPeek(out var oldest))
        {
            if (oldest.RaisedAgain)
            {
                oldest.RaisedAgain = false;
                _oldest.Enqueue(_oldest.Dequeue());
                continue;
            }

            if (_oldest.Count <= maxMarks && _text <= MostText)
            {
                return;
            }

            Fold(oldest);
            _oldest.Dequeue();
            _text -= oldest.Length;
            Volatile.Write(ref _places[PlaceOf(_places, oldest)], Gone);
        }
    }

    /// <summary>The mark of that name; null, and the place where it would be, when there is none.</summary>
    private static Mark? Look(Mark?[] places, MarkProbe probe, out int place)
    {
        place = probe.Hash & (places.Length - 1);
        while (true)
        {
            // Read once: an empty place may be taken, by another name, before a second look.
            var mark = Volatile.Read(ref places[place]);
            if (mark is null || mark.IsNamed(probe))
            {
                return mark;
            }

            place = (place + 1) & (places.Length - 1);
        }
    }

    /// <summary>Where a mark stands, or the place that it may take.</summary>
    private static int PlaceOf(Mark?[] places, Mark wanted)
    {
        var place = wanted.Hash & (places.Length - 1);
        while (places[place] is { } other && other != wanted)
        {
            place = (place + 1) & (places.Length - 1);
        }

        return place;
    }

    /// <summary>With room for as many again; what has gone is left behind.</summary>
    private void Replace()
    {
        var places = new Mark?[Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)_oldest.Count * 4))];
        foreach (var mark in _oldest)
        {
            places[PlaceOf(places, mark)] = mark;
        }

        _taken = _oldest.Count;
        Volatile.Write(ref _places, places);
    }

    private void Fold(Mark mark)
    {
        var folded = _folded ?? new FoldedMarks(slots);
        folded.Add(mark);
        Volatile.Write(ref _folded, folded);
    }
}
