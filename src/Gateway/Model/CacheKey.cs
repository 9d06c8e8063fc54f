using System.Globalization;

namespace CacheGateway.Model;

/// <summary>
/// The primary cache key (RFC 9111 2) as text: every part behind its own length, so that no two different requests can give one text.
/// Drawn:
/// <code>
/// v1 | len:deployment | len:policy@version#hash of sharing rules, conditions and tags | len:route#hash of its state | len:scheme | len:authority | len:target | n { len:name len:value } | len:identity
/// </code>
/// It is what the store compares on every read; hashes are made from it, never instead of it.
/// </summary>
public sealed record CacheKey
{
    /// <summary>How every key begins.</summary>
    internal const string Version = "v1";

    /// <summary>Deployment, policy, route and scheme.</summary>
    internal const int PartsBeforeAuthority = 4;

    /// <summary>How a key ends that has no keyed header and no identity.</summary>
    internal const string PlainEnd = "|0:";

    public CacheKey(string text, ResourceId resource, int targetAt)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan(targetAt).StartsWith(resource.Target))
        {
            throw new ArgumentException("The key holds no such target there.", nameof(targetAt));
        }

        (Text, Resource, TargetAt) = (text, resource, targetAt);
    }

    public string Text { get; }

    public ResourceId Resource { get; }

    /// <summary>Where in <see cref="Text"/> the target begins.</summary>
    public int TargetAt { get; }

    /// <summary>Takes a part, behind its own length, from the front of what is left of a key; false where none stands there.</summary>
    internal static bool TryTake(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> part)
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
