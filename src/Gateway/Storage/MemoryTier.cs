using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// The stored responses of this node in memory, within a budget of bytes. Made once per gateway; lives as long as the process.
/// Hits take no lock; every change takes one short lock. Who stays when there is no room for all is decided by <see
/// cref="MemoryAdmission"/>.
/// <para>
/// Bytes are <see cref="VariantSet.Size"/> plus <see cref="MemoryNode.Overhead"/>; fills under way <see cref="Reserve"/> theirs from the
/// same budget, and a body that is dropped while clients are being sent it is counted until they have it (<see cref="LeftOver"/>).
/// </para>
/// </summary>
internal sealed class MemoryTier
{
    /// <summary>An entry above this part of the budget is refused: storing it would cost too many others.</summary>
    private const int LargestShare = 8;

    /// <summary>
    /// What clients hold at their own pace, bodies that they alone still read and windows, takes room from entries up to this part of the budget. Not more: evicting what is being read gives no
    /// room, where much of the memory is being read one small entry that comes would cost all of it, and who reads slowly often enough would have nothing stored at all.
    /// </summary>
    private const int LeftOverShare = 4;

    private readonly Lock _gate = new();
    private readonly MemoryPlaces _places = new();
    private readonly MemoryIndex _index;
    private readonly MemoryAdmission _admission;
    private long _budget;
    private long _reserved;
    private long _windows;
    private long _leftOver;
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
                MakeRoom();
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

    /// <summary>Bytes of fills under way, their windows among them, that take room from entries. What they hold in all is <see cref="FillBudget.Held"/>.</summary>
    public long Reserved => Volatile.Read(ref _reserved) + Math.Min(Volatile.Read(ref _windows), MostLeftOver);

    /// <summary>Bytes of large bodies that lie in no entry (any more) and that clients are still being sent.</summary>
    public long LeftOver => Volatile.Read(ref _leftOver);

    /// <summary>From so many bytes of <see cref="LeftOver"/> on nothing should come that can add to it.</summary>
    public long MostLeftOver => Budget / LeftOverShare;

    /// <summary>Bytes that entries may take.</summary>
    private long Limit => _budget - _reserved - Math.Min(_leftOver + _windows, MostLeftOver);

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
    /// A key that is held keeps its place and popularity. When the result is refused as too large or has no place, the older set is gone
    /// too: it is superseded.
    /// </summary>
    public void Update(string key, Func<VariantSet?, VariantSet?> change)
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
                    if (!ReferenceEquals(before, after))
                    {
                        Put(node, hash, after);
                    }

                    return;
                }
            }
        }
    }

    /// <summary>
    /// Takes bytes from the budget for a fill under way, evicting to make room. How much fills may take in all is their own rule.
    /// </summary>
    public void Reserve(long bytes) => Take(ref _reserved, bytes);

    /// <summary>Gives back what <see cref="Reserve"/> took.</summary>
    public void Release(long bytes) => GiveBack(ref _reserved, bytes);

    /// <summary>Takes bytes for the window of a body that is not stored: somebody must be answered, so they are there in any case, but not all of them take room from entries.</summary>
    public void ReserveWindow(long bytes) => Take(ref _windows, bytes);

    /// <summary>Gives back what <see cref="ReserveWindow"/> took.</summary>
    public void ReleaseWindow(long bytes) => GiveBack(ref _windows, bytes);

    /// <summary>
    /// A client is being sent this body and waits: until <see cref="EndReading"/> its bytes count here, whether it lies in an entry or not. Nothing for a body
    /// that is not <see cref="BodySegments.Large"/>.
    /// </summary>
    public void BeginReading(BodySegments body)
    {
        if (body.Large is { } large)
        {
            lock (_gate)
            {
                Use(large, places: 0, readers: 1);
                MakeRoom();
            }
        }
    }

    /// <summary>Ends what <see cref="BeginReading"/> began.</summary>
    public void EndReading(BodySegments body)
    {
        if (body.Large is { } large)
        {
            lock (_gate)
            {
                Use(large, places: 0, readers: -1);
            }
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

    private void Take(ref long account, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            account += bytes;
            MakeRoom();
        }
    }

    private void GiveBack(ref long account, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, account);
            account -= bytes;
        }
    }

    private void Put(MemoryNode? node, int hash, VariantSet? set)
    {
        if (set is not null && set.Size > Largest)
        {
            set = null;
        }

        if (node is null)
        {
            if (set is null)
            {
                return;
            }

            node = new MemoryNode(set, hash);
            _index.Prepare(node);
            _places.Take(node);
            _admission.Add(node);
            _index.Add(node);
            Place(set, 1);
        }
        else if (set is null)
        {
            Drop(node);
            return;
        }
        else
        {
            _admission.Resize(node, set.Size - node.Value!.Size);
            Place(set, 1);
            Place(node.Value, -1);
            node.Value = set;
        }

        MakeRoom();
    }

    /// <summary>What is dropped while clients are being sent it leaves no room: then more has to go.</summary>
    private void MakeRoom()
    {
        long limit;
        do
        {
            limit = Limit;
            _admission.MakeRoom(limit);
        }
        while (Limit < limit);
    }

    private void Place(VariantSet set, int places)
    {
        foreach (var response in set.Responses)
        {
            Use(response.Body.Large, places, readers: 0);
            foreach (var coded in response.Coded)
            {
                Use(coded.Response.Body.Large, places, readers: 0);
            }
        }
    }

    private void Use(LargeBody? body, int places, int readers)
    {
        if (body is null)
        {
            return;
        }

        var before = body.IsLeftOver;
        body.Places += places;
        body.Readers += readers;
        if (body.IsLeftOver != before)
        {
            _leftOver += before ? -body.Length : body.Length;
        }
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
        Place(node.Value!, -1);
        node.Value = null;
    }
}
