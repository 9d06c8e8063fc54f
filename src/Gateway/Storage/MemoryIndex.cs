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
/// Why reading needs no lock: a node is complete before the volatile write that links it at the head of its chain; unlinking changes only
/// the
/// predecessor and leaves the dead node's own link, so a reader standing on it reaches every node that was behind it; a node is never
/// linked twice.
/// </para>
/// </summary>
internal sealed class MemoryIndex(long budgetBytes)
{
    /// <summary>About the size of a small entry: at worst two or three nodes share a bucket.</summary>
    private const int BytesPerBucket = 1024;

    private readonly MemoryNode?[] _buckets =
        new MemoryNode?[(int)Math.Clamp(budgetBytes / BytesPerBucket, 64, 1 << 26)];

    /// <summary>The live node of <paramref name="key"/> and the set it held at that moment.</summary>
    public MemoryNode? Find(ReadOnlySpan<char> key, int hash, out VariantSet? set)
    {
        for (var node = Volatile.Read(ref Bucket(hash)); node is not null; node = node.Chain)
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
        for (var node = Volatile.Read(ref Bucket(hash)); node is not null; node = node.Chain)
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

    public void Add(MemoryNode node)
    {
        ref var bucket = ref Bucket(node.Hash);
        node.Chain = bucket;
        Volatile.Write(ref bucket, node);
    }

    public void Remove(MemoryNode node)
    {
        ref var bucket = ref Bucket(node.Hash);
        if (ReferenceEquals(bucket, node))
        {
            Volatile.Write(ref bucket, node.Chain);
            return;
        }

        for (var before = bucket; before is not null; before = before.Chain)
        {
            if (ReferenceEquals(before.Chain, node))
            {
                before.Chain = node.Chain;
                return;
            }
        }
    }

    /// <summary>Every live set, weakly consistent: what comes or goes meanwhile may or may not be seen.</summary>
    public IEnumerable<VariantSet> Sets()
    {
        for (var i = 0; i < _buckets.Length; i++)
        {
            for (var node = Volatile.Read(ref _buckets[i]); node is not null; node = node.Chain)
            {
                if (node.Value is { } value)
                {
                    yield return value;
                }
            }
        }
    }

    /// <summary>The hash scaled to the number of buckets, which need not be a power of two then.</summary>
    private ref MemoryNode? Bucket(int hash) => ref _buckets[(int)(((ulong)(uint)hash * (ulong)_buckets.Length) >> 32)];
}
