namespace CacheGateway.Model;

/// <summary>
/// Things that many entries have in common, found again by what they say. Of fixed size: a newer one takes the place of the least used of the few that share its
/// place, so what is rare costs nothing but a look, what is common stays, and nothing is kept alive for long. Losing one costs memory, never truth: no lock.
/// </summary>
internal sealed class SharedTable<T>
    where T : class
{
    /// <summary>Asked for so many times, a thing is in several entries: one entry may ask for its own twice.</summary>
    public const int Several = 4;

    private const int Sets = 512;

    /// <summary>With one place for each hash, two that are asked for by every entry in turn would drive each other out for ever.</summary>
    private const int Ways = 4;

    private readonly T?[] _items = new T?[Sets * Ways];
    private readonly byte[] _uses = new byte[Sets * Ways];

    /// <summary>The one that <paramref name="isIt"/> says, or null; counts that it was asked for.</summary>
    public T? Find<TKey>(int hash, TKey key, Func<T, TKey, bool> isIt)
        where TKey : allows ref struct
    {
        var first = First(hash);
        for (var place = first; place < first + Ways; place++)
        {
            if (Volatile.Read(ref _items[place]) is { } item && isIt(item, key))
            {
                if (_uses[place] < Several)
                {
                    _uses[place]++;
                }

                return item;
            }
        }

        return null;
    }

    public void Add(int hash, T item)
    {
        var first = First(hash);
        var least = first;
        for (var place = first; place < first + Ways; place++)
        {
            least = _uses[place] < _uses[least] ? place : least;
        }

        // What was asked for often, and is no more, goes in its turn.
        for (var place = first; place < first + Ways && _uses[least] > 0; place++)
        {
            _uses[place] -= place == least ? (byte)0 : Math.Min(_uses[place], (byte)1);
        }

        _uses[least] = 1;
        Volatile.Write(ref _items[least], item);
    }

    /// <summary>Whether this very thing is held and was asked for several times.</summary>
    public bool IsShared(int hash, T item)
    {
        var first = First(hash);
        for (var place = first; place < first + Ways; place++)
        {
            if (ReferenceEquals(Volatile.Read(ref _items[place]), item))
            {
                return _uses[place] >= Several;
            }
        }

        return false;
    }

    private static int First(int hash) => (int)((uint)hash % Sets) * Ways;
}
