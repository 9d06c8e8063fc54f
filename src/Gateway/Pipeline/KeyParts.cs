using System.Globalization;
namespace CacheGateway.Pipeline;

/// <summary>Takes a key apart again into what <see cref="KeyBuilder"/> put in, for people and for whoever must ask for it once more.</summary>
/// <param name="Policy">Name, versions and the hash of the key section.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Authority">Host and port.</param>
/// <param name="Target">Path and query as forwarded.</param>
/// <param name="Headers">Keyed headers in the policy's order; null = the request had none.</param>
/// <param name="Identity">Empty where nobody is told apart.</param>
internal sealed record KeyParts(
    string Policy, string Scheme, string Authority, string Target, IReadOnlyList<KeyValuePair<string, string?>> Headers, string Identity)
{
    /// <summary>Deployment, policy, route, scheme, authority, target: what every key has before its headers.</summary>
    private const int Fixed = 6;

    /// <summary>Null for a text that is no key.</summary>
    public static KeyParts? Of(string key)
    {
        if (Split(key) is not { } parts || parts.Count <= Fixed || parts.Count % 2 == 0)
        {
            return null;
        }

        var headers = parts[Fixed..^1].Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1].StartsWith('=') ? pair[1][1..] : null));
        return new KeyParts(parts[1], parts[3], parts[4], parts[5], [.. headers], parts[^1]);
    }

    /// <summary>The parts that stand behind their own lengths: "v1|4:abcd|0:".</summary>
    private static List<string>? Split(string key)
    {
        var parts = new List<string>();
        var at = key.IndexOf('|', StringComparison.Ordinal);
        while (at >= 0 && at < key.Length)
        {
            var colon = key.IndexOf(':', at);
            if (key[at] != '|' || colon < 0 || !int.TryParse(key.AsSpan(at + 1, colon - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length > key.Length - colon - 1)
            {
                return null;
            }

            parts.Add(key.Substring(colon + 1, length));
            at = colon + 1 + length;
        }

        return parts;
    }
}
