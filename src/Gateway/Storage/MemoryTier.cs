using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// The stored responses of this node in memory, within a budget of bytes. Made once per gateway; lives as long as the process.
/// Hits take no lock; every change takes one short lock.
/// <para>
/// Eviction is W-TinyLFU (Einziger, Friedman and Manes, ACM ToS 2017; the policy of Caffeine): new keys enter a small window; what leaves the window
/// may enter the main part only by being more popular than what it would push out, popularity being counted for absent keys too
/// (<see cref="FrequencySketch"/>), so that a scan of keys asked for once passes through the window and leaves the main part alone.
/// The lists are not LRU but FIFO with reinsertion (CLOCK), as in S3-FIFO (Yang et al., SOSP 2023): a hit moves nothing, it bumps the node's own small
/// saturating counter, which the evictor collects when it comes by. S3-FIFO itself was not taken because it keeps next to nothing of a loop that is
/// larger than the cache.
/// </para>
/// <para>
/// Bytes are <see cref="VariantSet.Size"/> plus <see cref="MemoryNode.Overhead"/>; fills under way <see cref="Reserve"/> theirs from the same budget.
/// </para>
/// </summary>
internal sealed class MemoryTier
{
    /// <summary>An entry above this part of the budget is refused: storing it would cost too many others.</summary>
    private const int LargestShare = 8;

    /// <summary>The window's part of the budget.</summary>
    private const int WindowShare = 100;

    /// <summary>Frequencies are halved after this many requests per entry held.</summary>
    private const int SamplesPerEntry = 10;

    /// <summary>How many entries that were hit since the last round one eviction may put back; bounds the time under the lock.</summary>
    private const int MaxReinsertions = 16;

    private readonly Lock _gate = new();
    private readonly MemoryIndex _index;
    private readonly FrequencySketch _sketch;
    private readonly MemoryQueue _window = new();
    private readonly MemoryQueue _main = new();
    private long _budget;
    private long _reserved;
    private long _samples;
    private int _count;
    private byte _period;
    private long _admitted;
    private long _evicted;
    private long _evictedBytes;
    private long _refused;

    public MemoryTier(long budgetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(budgetBytes);
        _budget = budgetBytes;
        _index = new MemoryIndex(budgetBytes);
        _sketch = new FrequencySketch(budgetBytes);
    }

    /// <summary>Bytes that entries and reservations may take together. The index keeps the size it got from the first budget.</summary>
    public long Budget
    {
        get => Volatile.Read(ref _budget);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            lock (_gate)
            {
                _budget = value;
                MakeRoom();
            }
        }
    }

    /// <summary>Bytes of the entries held, without reservations.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _window.Bytes + _main.Bytes;
            }
        }
    }

    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>Keys held.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Keys taken in, each time anew.</summary>
    public long Admitted => Volatile.Read(ref _admitted);

    /// <summary>Keys dropped to make room, whether they had just come or had been here long.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    public long EvictedBytes => Volatile.Read(ref _evictedBytes);

    /// <summary>Sets not taken because they are larger than an eighth of the budget.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>The set of <paramref name="key"/>, counted as a hit. No lock, no allocation.</summary>
    public VariantSet? Find(ReadOnlySpan<char> key)
    {
        _index.Find(key, string.GetHashCode(key), out var set)?.Touch();
        return set;
    }

    /// <summary>As <see cref="Find"/>, but leaves popularity alone.</summary>
    public VariantSet? Peek(ReadOnlySpan<char> key)
    {
        _index.Find(key, string.GetHashCode(key), out var set);
        return set;
    }

    /// <summary>
    /// Replaces the set of <paramref name="key"/> by what <paramref name="change"/> makes of it (null = not held; a null result removes).
    /// Atomic per key: the function runs outside the lock and runs again when the set changed meanwhile.
    /// A key that is held keeps its place and popularity.
    /// </summary>
    /// <returns>Whether the key now holds the result. When it is refused as too large or has no place, the older set is gone too: it is superseded.</returns>
    public bool Update(string key, Func<VariantSet?, VariantSet?> change)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(change);
        var hash = string.GetHashCode(key.AsSpan());
        while (true)
        {
            _index.Find(key, hash, out var before);
            var after = change(before);
            if (after is not null && after.Key != key)
            {
                throw new ArgumentException("The change returned a set of another key.", nameof(change));
            }

            lock (_gate)
            {
                var node = _index.Find(key, hash, out var current);
                if (ReferenceEquals(current, before))
                {
                    return ReferenceEquals(before, after) || Put(node, hash, after);
                }
            }
        }
    }

    public bool Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var hash = string.GetHashCode(key.AsSpan());
        lock (_gate)
        {
            if (_index.Find(key, hash, out _) is not { } node)
            {
                return false;
            }

            Drop(node);
            return true;
        }
    }

    /// <summary>Drops every entry and all memory of popularity; reservations stay with their fills.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            while ((_main.Head ?? _window.Head) is { } node)
            {
                Drop(node);
            }

            _sketch.Clear();
            _samples = 0;
        }
    }

    /// <summary>Takes bytes from the budget for a fill under way, evicting to make room. How much fills may take in all is their own rule.</summary>
    public void Reserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            _reserved += bytes;
            MakeRoom();
        }
    }

    /// <summary>Gives back what <see cref="Reserve"/> took.</summary>
    public void Release(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _reserved);
            _reserved -= bytes;
        }
    }

    /// <summary>Every set held, weakly consistent; for people, not for requests.</summary>
    public IEnumerable<VariantSet> Snapshot() => _index.Sets();

    private static long SizeOf(VariantSet set) => set.Size + MemoryNode.Overhead;

    private static long SizeOf(MemoryNode node) => SizeOf(node.Value!);

    private bool Put(MemoryNode? node, int hash, VariantSet? set)
    {
        if (set is null || SizeOf(set) > _budget / LargestShare)
        {
            if (node is not null)
            {
                Drop(node);
            }

            _refused += set is null ? 0 : 1;
            return set is null;
        }

        if (node is null)
        {
            node = Insert(set, hash);
        }
        else
        {
            (node.InMain ? _main : _window).Resize(set.Size - node.Value!.Size);
            node.Value = set;
        }

        MakeRoom();
        return node.Value is not null;
    }

    private MemoryNode Insert(VariantSet set, int hash)
    {
        var frequency = Math.Min(_sketch.Estimate(hash) + 1, MemoryNode.MaxFrequency);
        _sketch.Raise(hash, frequency);
        var node = new MemoryNode(set, hash) { Frequency = (byte)frequency, Period = _period };
        _window.Append(node, SizeOf(set));
        _index.Add(node);
        _count++;
        _admitted++;
        Sample(1);
        return node;
    }

    /// <summary>Brings the bytes within the budget: the window hands its oldest on, the main part takes it only in exchange for less popular ones.</summary>
    private void MakeRoom()
    {
        var limit = _budget - _reserved;
        while (_window.Bytes > limit / WindowShare && _window.Head is { } candidate)
        {
            var excess = _window.Bytes + _main.Bytes - limit;
            if (excess > 0 && !Displaces(candidate, excess))
            {
                Evict(candidate);
                continue;
            }

            _window.Remove(candidate, SizeOf(candidate));
            candidate.InMain = true;
            _main.Append(candidate, SizeOf(candidate));
        }

        while (_window.Bytes + _main.Bytes > limit && (NextVictim() ?? _window.Head) is { } victim)
        {
            Evict(victim);
        }
    }

    /// <summary>Evicts from the main part what must go for <paramref name="candidate"/> if it is more popular than each of them; else nothing.</summary>
    private bool Displaces(MemoryNode candidate, long excess)
    {
        var popularity = FrequencyOf(candidate);
        var end = NextVictim();
        for (; excess > 0; end = end.Next)
        {
            if (end is null || FrequencyOf(end) >= popularity)
            {
                return false;
            }

            excess -= SizeOf(end);
        }

        while (_main.Head is { } victim && !ReferenceEquals(victim, end))
        {
            Evict(victim);
        }

        return true;
    }

    /// <summary>The head of the main queue, after those that were hit since the last round went back to its end.</summary>
    private MemoryNode? NextVictim()
    {
        for (var i = 0; i < MaxReinsertions && _main.Head is { Hits: > 0 } node; i++)
        {
            Sample(node.Hits);
            node.Frequency = (byte)FrequencyOf(node);
            node.Hits = 0;
            _main.Remove(node, SizeOf(node));
            _main.Append(node, SizeOf(node));
        }

        return _main.Head;
    }

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
        if (_samples >= Math.Max(_count, 64) * (long)SamplesPerEntry)
        {
            _sketch.Halve();
            _period++;
            _samples /= 2;
        }
    }

    private void Evict(MemoryNode node)
    {
        _evicted++;
        _evictedBytes += SizeOf(node);
        Drop(node);
    }

    private void Drop(MemoryNode node)
    {
        _sketch.Raise(node.Hash, FrequencyOf(node));
        (node.InMain ? _main : _window).Remove(node, SizeOf(node));
        _index.Remove(node);
        node.Value = null;
        _count--;
    }
}
