namespace CacheGateway.Model;

/// <summary>
/// The keys that differ in nothing but the target, its length apart, and in what stands behind it; held once for all responses stored under them.
/// With the target it takes the place of a key text for each (about 250 bytes) and of the texts of a resource (56).
/// </summary>
internal sealed class KeySpace
{
    /// <summary>Spaces found again: policies by hosts by lengths of targets. One that is not found is held twice, and all stays exact.</summary>
    private const int Size = 2048;

    private static readonly KeySpace?[] Spaces = new KeySpace?[Size];

    /// <summary>Asked for so many times, a space is that of several entries: one entry may ask for its own twice.</summary>
    private const int Several = 4;

    private readonly string _scheme;
    private readonly bool _hasRoute;
    private int _uses;

    private KeySpace(string prefix, ResourceId resource)
    {
        Prefix = prefix;
        (_scheme, Authority, _, Policy, _hasRoute) = resource;
    }

    /// <summary>The text of the key up to the target.</summary>
    public string Prefix { get; }

    public string Authority { get; }

    public string Policy { get; }

    /// <summary>Whether it costs the next entry nothing. Where every request names another host, it is each one's own.</summary>
    public bool IsShared => Volatile.Read(ref _uses) >= Several;

    /// <summary>The space of a key. A table of fixed size, in which a newer space takes the place of an older one: a client chooses the authority.</summary>
    public static KeySpace Of(CacheKey key)
    {
        var prefix = key.Text.AsSpan(0, key.TargetAt);
        ref var place = ref Spaces[(uint)string.GetHashCode(prefix) % Size];
        var held = Volatile.Read(ref place);
        if (held is not null && prefix.SequenceEqual(held.Prefix) && held.Resource(key.Resource.Target) == key.Resource)
        {
            if (!held.IsShared)
            {
                Interlocked.Increment(ref held._uses);
            }

            return held;
        }

        var space = new KeySpace(prefix.ToString(), key.Resource);
        Volatile.Write(ref place, space);
        return space;
    }

    public ResourceId Resource(string target) => new(_scheme, Authority, target, Policy, _hasRoute);

    public bool IsOf(string scheme, string authority) => Authority == authority && _scheme == scheme;
}
