using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>Takes a key apart again into what <see cref="KeyBuilder"/> put in (see <see cref="CacheKey"/> for the drawing), for people and for whoever must ask for it once more.</summary>
/// <param name="Policy">Name, versions and the hash of the key section.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Authority">Host and port.</param>
/// <param name="Target">Path and query as forwarded.</param>
/// <param name="Headers">Keyed headers in the policy's order; null = the request had none.</param>
/// <param name="Identity">Empty where nobody is told apart.</param>
internal sealed record KeyParts(
    string Policy, string Scheme, string Authority, string Target, IReadOnlyList<KeyValuePair<string, string?>> Headers, string Identity)
{
    /// <summary>What every key has before its headers: authority and target too.</summary>
    private const int Fixed = CacheKey.PartsBeforeAuthority + 2;

    /// <summary>Null for a text that is no key.</summary>
    public static KeyParts? Of(string key)
    {
        if (!key.StartsWith(CacheKey.Version, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = new List<string>();
        var rest = key.AsSpan(CacheKey.Version.Length);
        while (CacheKey.TryTake(ref rest, out var part))
        {
            parts.Add(part.ToString());
        }

        if (!rest.IsEmpty || parts.Count <= Fixed || parts.Count % 2 == 0)
        {
            return null;
        }

        var headers = parts[Fixed..^1].Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1].StartsWith('=') ? pair[1][1..] : null));
        return new KeyParts(parts[1], parts[3], parts[4], parts[5], [.. headers], parts[^1]);
    }
}
