namespace CacheGateway.Storage;

/// <summary>
/// Who stays in memory when there is no room for all. Owned by one <see cref="MemoryTier"/>, used under its lock; <c>evict</c> must take
/// the node
/// it is given out of the tier, through <see cref="Remove"/> too.
/// <para>
/// Eviction is W-TinyLFU (Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM ToS 2017; the policy of
/// Caffeine):
/// new keys enter a small window; what leaves it goes on probation only by being more popular than what it would push out, popularity
/// being counted for
/// absent keys too (<see cref="FrequencySketch"/>); what is hit on probation is protected. A scan of keys asked for once passes through
/// the window.
/// The queues are not LRU but FIFO with a second chance, the lazy promotion of S3-FIFO (Yang et al., "FIFO queues are all you need for
/// cache eviction",
/// SOSP 2023): a hit moves nothing, it bumps the node's own small saturating counter, and the evictor collects it when it comes by.
/// S3-FIFO as a whole was not taken because it keeps next to nothing of a loop that is larger than the cache.
/// </para>
/// </summary>
internal sealed class MemoryAdmission(long budgetBytes, MemoryPlaces places, Action<MemoryNode> evict)
{
    /// <summary>The window's part of the limit.</summary>
    private const int WindowShare = 100;

    /// <summary>The protected part's percentage of the limit.</summary>
    private const int ProtectedPercent = 79;

    /// <summary>Frequencies are halved after this many requests per entry held.</summary>
    private const int SamplesPerEntry = 10;

    /// <summary>
    /// A tier that holds few entries ages as if it held this many, and one more for so many words of the sketch: ageing walks all of it.
    /// </summary>
    private const int LeastEntries = 64;
    private const int WordsPerEntry = 512;

    /// <summary>How many entries that were hit on probation one eviction may promote; bounds the time under the lock.</summary>
    private const int MaxPromotions = 16;

    private readonly FrequencySketch _sketch = new(budgetBytes);
    private readonly MemoryQueue _window = new(places);
    private readonly MemoryQueue _probation = new(places);
    private readonly MemoryQueue _protected = new(places);
    private int _count;
    private long _samples;
    private byte _period;

    /// <summary>Bytes of all nodes.</summary>
    public long Bytes => _window.Bytes + _probation.Bytes + _protected.Bytes;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes in a node that has just come, with the popularity its key has gathered before.</summary>
    public void Add(MemoryNode node)
    {
        var frequency = Math.Min(_sketch.Estimate(node.Hash) + 1, MemoryNode.MaxFrequency);
        _sketch.Raise(node.Hash, frequency);
        node.Frequency = (byte)frequency;
        node.Period = _period;
        _window.Append(node, node.Size);
        _count++;
        Sample(1);
    }

    /// <summary>Lets a node go; the sketch remembers its popularity.</summary>
    public void Remove(MemoryNode node)
    {
        _sketch.Raise(node.Hash, FrequencyOf(node));
        QueueOf(node).Remove(node, node.Size);
        _count--;
    }

    /// <summary>A node's set is about to be replaced by one that is larger by <paramref name="delta"/>.</summary>
    public void Resize(MemoryNode node, long delta) => QueueOf(node).Resize(delta);

    /// <summary>
    /// Brings the bytes within the budget: the window hands its oldest on, which go to probation only in exchange for less popular ones.
    /// </summary>
    public void MakeRoom(long limit)
    {
        while (_window.Bytes > limit / WindowShare && _window.Head is { } candidate)
        {
            if (Bytes > limit && !Displaces(candidate, limit))
            {
                evict(candidate);
            }
            else
            {
                Move(candidate, MemoryPart.Probation);
            }
        }

        while (Bytes > limit && NextVictim(limit) is { } victim)
        {
            evict(victim);
        }
    }

    /// <summary>
    /// Evicts from probation what must go for <paramref name="candidate"/> if it is more popular than each of them; else nothing.
    /// </summary>
    private bool Displaces(MemoryNode candidate, long limit)
    {
        // Victims are measured by the sketch too: it errs upwards, and a candidate that was measured by it alone would win by its errors.
        var popularity = FrequencyOf(candidate);
        NextVictim(limit);
        var end = _probation.Head;
        for (var excess = Bytes - limit; excess > 0; end = _probation.After(end))
        {
            if (end is null || Math.Max(FrequencyOf(end), _sketch.Estimate(end.Hash)) >= popularity)
            {
                return false;
            }

            excess -= end.Size;
        }

        while (_probation.Head is { } victim && !ReferenceEquals(victim, end))
        {
            evict(victim);
        }

        return true;
    }

    /// <summary>
    /// The oldest on probation, after those that were hit moved to the protected part and the oldest of that back in exchange.
    /// </summary>
    private MemoryNode? NextVictim(long limit)
    {
        for (var i = 0; i < MaxPromotions && _probation.Head is { Hits: > 0 } node; i++)
        {
            Move(node, MemoryPart.Protected);
        }

        while (_protected.Bytes > limit * ProtectedPercent / 100 && _protected.Head is { } oldest)
        {
            Move(oldest, MemoryPart.Probation);
        }

        return _probation.Head ?? _protected.Head ?? _window.Head;
    }

    /// <summary>
    /// Puts a node at the end of a queue. Its hits are collected, but for those it got in the protected part: they bring it back there as
    /// soon
    /// as its turn comes on probation, which is what a second chance is.
    /// </summary>
    private void Move(MemoryNode node, MemoryPart part)
    {
        if (node.Part != MemoryPart.Protected)
        {
            Sample(node.Hits);
            node.Frequency = (byte)FrequencyOf(node);
            node.Hits = 0;
        }

        QueueOf(node).Remove(node, node.Size);
        node.Part = part;
        QueueOf(node).Append(node, node.Size);
    }

    private MemoryQueue QueueOf(MemoryNode node) => node.Part switch
    {
        MemoryPart.Window => _window,
        MemoryPart.Probation => _probation,
        _ => _protected,
    };

    private int FrequencyOf(MemoryNode node)
    {
        if (node.Period != _period)
        {
            node.Frequency = (byte)(node.Frequency >> Math.Min(7, (_period - node.Period) & 0xFF));
            node.Period = _period;
        }

        return Math.Min(node.Frequency + node.Hits, MemoryNode.MaxFrequency);
    }

    private void Sample(int requests)
    {
        _samples += requests;
        if (_samples >= Math.Max(_count, LeastEntries + (_sketch.Words / WordsPerEntry)) * (long)SamplesPerEntry)
        {
            _sketch.Halve();
            _period++;
            _samples /= 2;
        }
    }
}
