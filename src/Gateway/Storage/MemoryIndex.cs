using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// Key text to node: a hash table chained through the nodes themselves, read without a lock, written under the tier's lock.
/// It replaces a ConcurrentDictionary because that one spends 48 more bytes a key and hashes strings without randomness until it sees
/// collisions; here the hash (<see cref="IndexHash"/>) has a seed per process from the first key on, and a key is found by its URL too.
/// <para>
/// A bucket count is chosen once from the byte budget and never changes: every entry costs some hundred bytes, so the budget bounds the
/// load factor,
/// and no reader ever meets a table that is being rebuilt.
/// </para>
/// <para>
/// Why reading needs no lock: a node is complete, and at its place, before the volatile write that puts it at the head of its chain; unlinking changes only
/// the predecessor and leaves the dead node's own link, so a reader standing on it reaches every node that was behind it; a node is never
/// linked twice. A bucket has its head by its place, which a dead node gives back only after the bucket has another: a reader that finds nothing there, or a
/// node of another bucket, reads the bucket again.
/// </para>
/// </summary>
internal sealed class MemoryIndex(long budgetBytes, MemoryPlaces places)
{
    /// <summary>About the size of a small entry: at worst two or three nodes share a bucket.</summary>
    private const int BytesPerBucket = 1024;

    private readonly int[] _buckets = new int[(int)Math.Clamp(budgetBytes / BytesPerBucket, 64, 1 << 26)];

    /// <summary>The live node of <paramref name="key"/> and the set it held at that moment.</summary>
    public MemoryNode? Find(ReadOnlySpan<char> key, int hash, out VariantSet? set)
    {
        for (var node = Head(hash); node is not null; node = node.Chain)
        {
            if (node.Hash == hash && node.Value is { } value && value.Key.Is(key))
            {
                set = value;
                return node;
            }
        }

        set = null;
        return null;
    }

    /// <summary>
    /// The live node of the URL whose shortcut was made in <paramref name="generation"/>. Its key is that of every plain request for the URL in that
    /// generation, so comparing the URL and the generation compares the key.
    /// </summary>
    public MemoryNode? FindByUrl(string scheme, string authority, string target, object generation, out VariantSet? set)
    {
        var hash = IndexHash.Of(authority, target);
        for (var node = Head(hash); node is not null; node = node.Chain)
        {
            if (node.Hash == hash && ReferenceEquals(node.Shortcut?.Generation, generation) && node.Value is { } value
                && value.Key.IsOf(scheme, authority, target))
            {
                set = value;
                return node;
            }
        }

        set = null;
        return null;
    }

    /// <summary>Before it has its place: who still reads a bucket that led there once goes on from it.</summary>
    public void Prepare(MemoryNode node)
    {
        var bucket = _buckets[Bucket(node.Hash)];
        node.Chain = bucket == 0 ? null : places[bucket];
    }

    /// <summary>Once it has its place, and nothing else was added or removed since it was prepared.</summary>
    public void Add(MemoryNode node) => Volatile.Write(ref _buckets[Bucket(node.Hash)], node.Place);

    public void Remove(MemoryNode node)
    {
        ref var bucket = ref _buckets[Bucket(node.Hash)];
        if (bucket == node.Place)
        {
            Volatile.Write(ref bucket, node.Chain?.Place ?? 0);
            return;
        }

        for (var before = places[bucket]; before is not null; before = before.Chain)
        {
            if (ReferenceEquals(before.Chain, node))
            {
                before.Chain = node.Chain;
                return;
            }
        }
    }

    private MemoryNode? Head(int hash)
    {
        var at = Bucket(hash);
        ref var bucket = ref _buckets[at];
        for (var place = Volatile.Read(ref bucket); place != 0; place = Volatile.Read(ref bucket))
        {
            if (places[place] is { } node && Bucket(node.Hash) == at)
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>The hash scaled to the number of buckets, which need not be a power of two then.</summary>
    private int Bucket(int hash) => (int)(((ulong)(uint)hash * (ulong)_buckets.Length) >> 32);
}
