using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Remembers keys, and after repeated answers whole routes, whose responses turned out not to be storable, so that requests for them never
/// queue behind each other. It is hit-for-miss: a request goes to the origin on its own, and a response that is storable after all is stored
/// and the memory forgets. Fixed size: an unlucky collision costs one uncollapsed fetch.
/// </summary>
internal sealed class UncacheableMemory
{
    /// <summary>How long a key is remembered, in milliseconds.</summary>
    public const long Lifetime = 120_000;

    /// <summary>Answers in a row, none storable, after which a route is remembered.</summary>
    private const int RouteThreshold = 8;

    private const int Slots = 1 << 16;

    private readonly long[] _until = new long[Slots];
    private readonly int[] _routes = new int[4096];

    /// <summary>Whether the key is remembered, or its route has given nothing storable for a while: then a key never seen does not queue either.</summary>
    public bool IsRemembered(CacheKey key, CachePolicy policy, long now) =>
        Volatile.Read(ref _until[Slot(key.Text)]) > now || Volatile.Read(ref _routes[RouteSlot(policy, key.Resource)]) >= RouteThreshold;

    public void Remember(string key, CachePolicy policy, ResourceId resource, long now)
    {
        RememberAlone(key, now);
        ref var route = ref _routes[RouteSlot(policy, resource)];
        if (Volatile.Read(ref route) < RouteThreshold)
        {
            Interlocked.Increment(ref route);
        }
    }

    /// <summary>Says nothing of its route: where nobody asks but for ranges, which are not stored, no answer would have that forgotten again.</summary>
    public void RememberAlone(string key, long now) => Volatile.Write(ref _until[Slot(key)], now + Lifetime);

    public void Forget(string key, CachePolicy policy, ResourceId resource)
    {
        Volatile.Write(ref _until[Slot(key)], 0);
        Volatile.Write(ref _routes[RouteSlot(policy, resource)], 0);
    }

    // string.GetHashCode is randomised for each process, so nobody outside can choose the collisions.
    private static int Slot(string key) => key.GetHashCode(StringComparison.Ordinal) & (Slots - 1);

    private int RouteSlot(CachePolicy policy, ResourceId resource) =>
        (policy.Match.Path is { } template
            ? HashCode.Combine(policy.Name, template.Text)
            : HashCode.Combine(policy.Name, string.GetHashCode(resource.Path, StringComparison.Ordinal))) & (_routes.Length - 1);
}
