using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// The stored responses of this node in memory, within a budget of bytes. Made once per gateway; lives as long as the process.
/// Hits take no lock; every change takes one short lock. Who stays when there is no room for all is decided by <see
/// cref="MemoryAdmission"/>.
/// <para>
/// Bytes are <see cref="VariantSet.Size"/> plus <see cref="MemoryNode.Overhead"/>; fills under way <see cref="Reserve"/> theirs from the
/// same budget.
/// </para>
/// </summary>
internal sealed class MemoryTier
{
    /// <summary>An entry above this part of the budget is refused: storing it would cost too many others.</summary>
    private const int LargestShare = 8;

    private readonly Lock _gate = new();
    private readonly MemoryPlaces _places = new();
    private readonly MemoryIndex _index;
    private readonly MemoryAdmission _admission;
    private long _budget;
    private long _reserved;
    private long _evicted;

    public MemoryTier(long budgetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(budgetBytes);
        _budget = budgetBytes;
        _index = new MemoryIndex(budgetBytes, _places);
        _admission = new MemoryAdmission(budgetBytes, _places, Evict);
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
                _admission.MakeRoom(_budget - _reserved);
            }
        }
    }

    /// <summary>The largest <see cref="VariantSet.Size"/> that is taken, in bytes.</summary>
    public long Largest => (Budget / LargestShare) - MemoryNode.Overhead;

    /// <summary>Bytes of the entries held, without reservations.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _admission.Bytes;
            }
        }
    }

    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>Keys held.</summary>
    public int Count => _admission.Count;

    /// <summary>Keys dropped to make room, whether they had just come or had been here long.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    /// <summary>The set of <paramref name="key"/>, counted as a hit. No lock, no allocation.</summary>
    public VariantSet? Find(ReadOnlySpan<char> key)
    {
        _index.Find(key, IndexHash.Of(key), out var set)?.Touch();
        return set;
    }

    /// <summary>As <see cref="Find"/>, for a plain request; null also where the whole way was not gone yet in <paramref name="generation"/>.</summary>
    public VariantSet? FindByUrl(string scheme, string authority, string target, object generation, out CachePolicy? policy)
    {
        var node = _index.FindByUrl(scheme, authority, target, generation, out var set);
        node?.Touch();
        policy = node?.Shortcut?.Policy;
        return policy is null ? null : set;
    }

    /// <summary>Lets plain requests find the set of <paramref name="key"/> by its URL.</summary>
    public void Shorten(string key, Shortcut shortcut)
    {
        if (_index.Find(key, IndexHash.Of(key), out _) is { } node)
        {
            node.Shortcut = shortcut;
        }
    }

    /// <summary>As <see cref="Find"/>, but leaves popularity alone.</summary>
    public VariantSet? Peek(ReadOnlySpan<char> key)
    {
        _index.Find(key, IndexHash.Of(key), out var set);
        return set;
    }

    /// <summary>
    /// Replaces the set of <paramref name="key"/> by what <paramref name="change"/> makes of it (null = not held; a null result removes).
    /// Atomic per key: the function runs outside the lock and runs again when the set changed meanwhile.
    /// A key that is held keeps its place and popularity.
    /// </summary>
    /// <returns>Whether the key now holds the result. When it is refused as too large or has no place, the older set is gone too: it is
    /// superseded.</returns>
    public bool Update(string key, Func<VariantSet?, VariantSet?> change)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(change);
        var hash = IndexHash.Of(key);
        while (true)
        {
            _index.Find(key, hash, out var before);
            var after = change(before);
            if (after is not null && !after.Key.Is(key))
            {
                throw new ArgumentException("The change returned a set of another key.", nameof(change));
            }

            lock (_gate)
            {
                var node = _index.Find(key, hash, out var current);
                if (ReferenceEquals(current, before))
                {
                    return ReferenceEquals(before, after) || Put(node, hash, after) == (after is not null);
                }
            }
        }
    }

    /// <summary>
    /// Takes bytes from the budget for a fill under way, evicting to make room. How much fills may take in all is their own rule.
    /// </summary>
    public void Reserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            _reserved += bytes;
            _admission.MakeRoom(_budget - _reserved);
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
    public IEnumerable<VariantSet> Snapshot()
    {
        for (var place = 1; place < _places.End; place++)
        {
            if (_places[place]?.Value is { } set)
            {
                yield return set;
            }
        }
    }

    /// <summary>As <see cref="Snapshot"/>, every response for itself.</summary>
    public IEnumerable<StoredResponse> Responses()
    {
        foreach (var set in Snapshot())
        {
            for (var i = 0; i < set.Responses.Length; i++)
            {
                yield return set.Responses[i];
            }
        }
    }

    private bool Put(MemoryNode? node, int hash, VariantSet? set)
    {
        if (set is not null && set.Size > Largest)
        {
            set = null;
        }

        if (node is null)
        {
            if (set is null)
            {
                return false;
            }

            node = new MemoryNode(set, hash);
            _places.Take(node);
            _admission.Add(node);
            _index.Add(node);
        }
        else if (set is null)
        {
            Drop(node);
            return false;
        }
        else
        {
            _admission.Resize(node, set.Size - node.Value!.Size);
            node.Value = set;
        }

        _admission.MakeRoom(_budget - _reserved);
        return node.Value is not null;
    }

    private void Evict(MemoryNode node)
    {
        _evicted++;
        Drop(node);
    }

    private void Drop(MemoryNode node)
    {
        _admission.Remove(node);
        _index.Remove(node);
        _places.Return(node);
        node.Value = null;
    }
}
