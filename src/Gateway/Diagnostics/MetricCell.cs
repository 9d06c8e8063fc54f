namespace CacheGateway.Diagnostics;

/// <summary>The numbers of one instrument under one set of labels. Counted in from any thread.</summary>
internal sealed class MetricCell(KeyValuePair<string, object?>[] tags, string labels, double[]? bounds)
{
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length + 1];
    private double _value;
    private bool _isSet;

    /// <summary>As they stand in the text, without braces.</summary>
    public string Labels => labels;

    /// <summary>The value, or the sum of a histogram.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>Another one under the same hash.</summary>
    public MetricCell? Next { get; init; }

    public IReadOnlyList<long> Buckets => _buckets ?? [];

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether it was set since it was last forgotten.</summary>
    public bool IsSet => Volatile.Read(ref _isSet);

    public void Set(double value)
    {
        Volatile.Write(ref _value, value);
        Volatile.Write(ref _isSet, true);
    }

    /// <summary>What is not set again is not there any more.</summary>
    public void Forget() => Volatile.Write(ref _isSet, false);

    public void Add(double value)
    {
        var before = Volatile.Read(ref _value);
        while (Interlocked.CompareExchange(ref _value, before + value, before) is var seen && seen != before)
        {
            before = seen;
        }
    }

    public void Observe(double value)
    {
        var bucket = Array.BinarySearch(bounds!, value);
        Interlocked.Increment(ref _buckets![bucket < 0 ? ~bucket : bucket]);
        Add(value);
    }
}
