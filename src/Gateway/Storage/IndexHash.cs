using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// The hash under which <see cref="MemoryIndex"/> keeps a key (see <see cref="CacheKey"/> for the drawing). Authority and target make it, with what
/// is keyed beside them, so that a request that is known by those two alone finds its entry without the key being built. Deployment, policy, route and scheme are left out: what differs
/// in them only is little, and is told apart by comparing the whole key.
/// All parts are hashed by <see cref="string.GetHashCode(ReadOnlySpan{char})"/>, Marvin with a seed per process, so that nobody outside can
/// choose keys that collide.
/// </summary>
internal static class IndexHash
{
    public static int Of(ReadOnlySpan<char> key)
    {
        var rest = key;
        if (!rest.StartsWith(CacheKey.Version))
        {
            return string.GetHashCode(key);
        }

        rest = rest[CacheKey.Version.Length..];
        for (var i = 0; i < CacheKey.PartsBeforeAuthority; i++)
        {
            if (!CacheKey.TryTake(ref rest, out _))
            {
                return string.GetHashCode(key);
            }
        }

        if (!CacheKey.TryTake(ref rest, out var authority) || !CacheKey.TryTake(ref rest, out var target))
        {
            return string.GetHashCode(key);
        }

        var plain = Of(authority, target);
        return rest.SequenceEqual(CacheKey.PlainEnd) ? plain : HashCode.Combine(plain, string.GetHashCode(rest));
    }

    /// <summary>Of the key of a plain request, from what it is known by.</summary>
    public static int Of(ReadOnlySpan<char> authority, ReadOnlySpan<char> target) =>
        (string.GetHashCode(authority) * 31) ^ string.GetHashCode(target);
}
