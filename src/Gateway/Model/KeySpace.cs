namespace CacheGateway.Model;

/// <summary>
/// The keys that differ in nothing but the target, its length apart, and in what stands behind it; held once for all responses stored under them.
/// With the target it takes the place of a key text for each (about 250 bytes) and of the texts of a resource (56).
/// </summary>
internal sealed class KeySpace
{
    /// <summary>Spaces found again: policies by hosts by lengths of targets. One that is not found is held twice, and all stays exact.</summary>
    private static readonly SharedTable<KeySpace> Spaces = new();

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
    public bool IsShared => Volatile.Read(ref _uses) >= SharedTable<KeySpace>.Several;

    /// <summary>The space of a key; a client chooses the authority, so there is no end to them.</summary>
    public static KeySpace Of(CacheKey key)
    {
        var prefix = key.Text.AsSpan(0, key.TargetAt);
        var hash = string.GetHashCode(prefix);
        if (Spaces.Find(hash, key, static (known, key) => known.Holds(key)) is { } held)
        {
            if (!held.IsShared)
            {
                Interlocked.Increment(ref held._uses);
            }

            return held;
        }

        var space = new KeySpace(prefix.ToString(), key.Resource);
        Spaces.Add(hash, space);
        return space;
    }

    public ResourceId Resource(string target) => new(_scheme, Authority, target, Policy, _hasRoute);

    public bool IsOf(string scheme, string authority) => Authority == authority && _scheme == scheme;

    private bool Holds(CacheKey key) => key.Text.AsSpan(0, key.TargetAt).SequenceEqual(Prefix) && Resource(key.Resource.Target) == key.Resource;
}
