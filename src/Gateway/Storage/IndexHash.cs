using System.Globalization;

namespace CacheGateway.Storage;

/// <summary>
/// The hash under which <see cref="MemoryIndex"/> keeps a key. Authority and target make it, with what is keyed beside them, so that a request
/// that is known by those two alone finds its entry without the key being built. Deployment, policy, route and scheme are left out: what differs
/// in them only is little, and is told apart by comparing the whole key.
/// All parts are hashed by <see cref="string.GetHashCode(ReadOnlySpan{char})"/>, Marvin with a seed per process, so that nobody outside can
/// choose keys that collide.
/// </summary>
internal static class IndexHash
{
    /// <summary>How a key ends that has no keyed header and no identity (see <see cref="Model.CacheKey"/>).</summary>
    private const string Plain = "|0:";

    /// <summary>Deployment, policy, route and scheme.</summary>
    private const int PartsBefore = 4;

    public static int Of(ReadOnlySpan<char> key)
    {
        var rest = key;
        if (!rest.StartsWith("v1"))
        {
            return string.GetHashCode(key);
        }

        rest = rest[2..];
        for (var i = 0; i < PartsBefore; i++)
        {
            if (!TryPart(ref rest, out _))
            {
                return string.GetHashCode(key);
            }
        }

        if (!TryPart(ref rest, out var authority) || !TryPart(ref rest, out var target))
        {
            return string.GetHashCode(key);
        }

        var plain = Of(authority, target);
        return rest.SequenceEqual(Plain) ? plain : HashCode.Combine(plain, string.GetHashCode(rest));
    }

    /// <summary>Of the key of a plain request, from what it is known by.</summary>
    public static int Of(ReadOnlySpan<char> authority, ReadOnlySpan<char> target) =>
        (string.GetHashCode(authority) * 31) ^ string.GetHashCode(target);

    /// <summary>Takes "|length:part" from the front.</summary>
    private static bool TryPart(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> part)
    {
        part = default;
        var colon = rest.IndexOf(':');
        if (colon < 2 || rest[0] != '|' || !int.TryParse(rest[1..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > rest.Length - colon - 1)
        {
            return false;
        }

        part = rest.Slice(colon + 1, length);
        rest = rest[(colon + 1 + length)..];
        return true;
    }
}
