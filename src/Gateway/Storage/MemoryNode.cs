using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// One key of the <see cref="MemoryTier"/>: a place in the hash chain and in one eviction queue, and the key's popularity.
/// Made by the tier when a key comes in; everything but <see cref="Hits"/> changes only under the tier's lock; dead for good once
/// <see cref="Value"/> is null (a key that comes back gets a new node, so that a reader standing on a dead one is never led astray).
/// </summary>
internal sealed class MemoryNode(VariantSet value, int hash)
{
    /// <summary>Popularity is counted in four bits, as in the sketch that remembers it for absent keys.</summary>
    public const int MaxFrequency = 15;

    /// <summary>
    /// What the tier holds beside the set itself: this object (64 bytes), its place and the note of a place given back (16), and the bucket and counters
    /// that a kilobyte of the budget brings (20).
    /// </summary>
    public const int Overhead = 100;

    private volatile VariantSet? _value = value;
    private volatile MemoryNode? _chain;
    private volatile Shortcut? _shortcut;
    private byte _hits;

    public VariantSet? Value
    {
        get => _value;
        set => _value = value;
    }

    /// <summary>Next node of the same bucket; kept on a dead node, so that a reader standing on it walks on.</summary>
    public MemoryNode? Chain
    {
        get => _chain;
        set => _chain = value;
    }

    /// <summary>How plain requests come here; null until one went the whole way. Outlives changes of the value: the key stays the same.</summary>
    public Shortcut? Shortcut
    {
        get => _shortcut;
        set => _shortcut = value;
    }

    /// <summary>Bytes of a live node with its set.</summary>
    public long Size => SizeOf(Value!);

    /// <summary>Its number among the tier's <see cref="MemoryPlaces"/>, for as long as it lives.</summary>
    public int Place { get; set; }

    /// <summary>Place of the node before it in its queue; 0 for the first.</summary>
    public int Previous { get; set; }

    /// <summary>Place of the node behind it in its queue; 0 for the last.</summary>
    public int Next { get; set; }

    public int Hash { get; } = hash;

    /// <summary>Popularity at the last look of the evictor, in units of the period <see cref="Period"/>.</summary>
    public byte Frequency { get; set; }

    /// <summary>The ageing period in which <see cref="Frequency"/> was last brought up to date.</summary>
    public byte Period { get; set; }

    public MemoryPart Part { get; set; }

    /// <summary>Hits since the last look of the evictor. Bumped without a lock: a lost bump costs nothing but a little precision.</summary>
    public byte Hits
    {
        get => _hits;
        set => _hits = value;
    }

    /// <summary>What holding <paramref name="set"/> costs.</summary>
    public static long SizeOf(VariantSet set) => set.Size + Overhead;

    /// <summary>Counts a hit. A popular key is saturated almost always, and its cache line then stays shared between the cores.</summary>
    public void Touch()
    {
        var hits = _hits;
        if (hits < MaxFrequency)
        {
            _hits = (byte)(hits + 1);
        }
    }
}
