namespace CacheGateway.Diagnostics.Traffic;

/// <summary>A <see cref="TrafficCounts"/> that is mostly zeros, for keeping: only what is not zero, with its place.</summary>
internal readonly struct SparseCounts
{
    private readonly ushort[] _places;
    private readonly long[] _values;

    private SparseCounts(ushort[] places, long[] values)
    {
        _places = places;
        _values = values;
    }

    public bool IsEmpty => _places is null || _places.Length == 0;

    public static SparseCounts Of(ReadOnlySpan<long> values)
    {
        var places = new List<ushort>();
        var kept = new List<long>();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != 0)
            {
                places.Add((ushort)i);
                kept.Add(values[i]);
            }
        }

        return places.Count == 0 ? default : new SparseCounts([.. places], [.. kept]);
    }

    public void AddTo(long[] sum)
    {
        if (IsEmpty)
        {
            return;
        }

        for (var i = 0; i < _places.Length; i++)
        {
            sum[_places[i]] += _values[i];
        }
    }
}
