namespace CacheGateway.Pipeline;

/// <summary>
/// The readers of a body and the least that each of them has passed, which is kept with the number of those that stand there: all are looked at only when the last of these has gone on or left.
/// So a round of many readers costs as much as there are readers. Of a <see cref="FillBody"/>, under whose lock it is used.
/// </summary>
internal sealed class FillReaders
{
    private readonly List<FillReader> _readers = new(1);
    private int _atLeast;

    public int Count => _readers.Count;

    /// <summary>Bytes that each has passed; of no readers, none.</summary>
    public long Least { get; private set; }

    /// <summary>Takes a reader that stands at the first byte.</summary>
    public void Add(FillReader reader)
    {
        reader.Place = _readers.Count;
        _readers.Add(reader);
        (Least, _atLeast) = (0, Least == 0 ? _atLeast + 1 : 1);
    }

    /// <returns>Whether the least has to be asked for again; also false where it had left before.</returns>
    public bool Remove(FillReader reader)
    {
        if (reader.Place < 0)
        {
            return false;
        }

        var last = _readers[^1];
        _readers[reader.Place] = last;
        last.Place = reader.Place;
        _readers.RemoveAt(_readers.Count - 1);
        reader.Place = FillReader.Left;
        return Went(reader.Passed);
    }

    /// <summary>A reader has passed all that it was handed.</summary>
    /// <returns>Whether it was the last at the least, which is another now.</returns>
    public bool Pass(FillReader reader)
    {
        var from = reader.Passed;
        reader.Passed = reader.Position;
        return reader.Place >= 0 && reader.Passed > from && Went(from);
    }

    /// <summary>One that stands at the least, or null.</summary>
    public FillReader? Slowest() => _readers.Find(reader => reader.Passed == Least);

    private bool Went(long from)
    {
        if (from != Least || --_atLeast > 0)
        {
            return false;
        }

        (Least, _atLeast) = (_readers.Count == 0 ? 0 : long.MaxValue, 0);
        foreach (var reader in _readers)
        {
            if (reader.Passed <= Least)
            {
                (Least, _atLeast) = (reader.Passed, reader.Passed < Least ? 1 : _atLeast + 1);
            }
        }

        return true;
    }
}
