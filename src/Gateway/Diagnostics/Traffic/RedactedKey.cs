using System.Security.Cryptography;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// A key as people may see it: the URL with the values of its query hidden, long segments of its path too, and an id that tells keys apart.
/// A query may hold tokens and names of people; neither belongs on a screen or into a log.
/// </summary>
/// <param name="Id">The first 12 hex digits of SHA-256 over the whole key.</param>
/// <param name="Url">Such as <c>http://shop.test/products?page=…</c>.</param>
/// <param name="Policy">The policy that keyed it.</param>
internal sealed record RedactedKey(string Id, string Url, string Policy)
{
    private const char Hidden = '…';

    /// <summary>A segment beyond this is a token, not a name.</summary>
    private const int LongestSegment = 40;

    public static RedactedKey Of(CacheKey key) => Of(key.Text, key.Resource);

    public static RedactedKey Of(string key, ResourceId resource) => new(IdOf(key), UrlOf(resource), resource.Policy);

    /// <summary>A URL, or a path with query, as people may see it.</summary>
    public static string OfUrl(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal);
        var path = start < 0 ? 0 : url.IndexOf('/', start + 3);
        return path < 0 || !url.AsSpan(path).StartsWith("/") ? url : Hide(new StringBuilder(url, 0, path, url.Length), url[path..]);
    }

    public static string IdOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 6));

    private static string UrlOf(ResourceId resource) => Hide(new StringBuilder().Append(resource.Scheme).Append("://").Append(resource.Authority), resource.Target);

    private static string Hide(StringBuilder url, string target)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? target : target[..mark];
        foreach (var segment in path.Split('/').Skip(1))
        {
            url.Append('/').Append(segment.Length > LongestSegment || segment.Contains('@', StringComparison.Ordinal) ? Hidden.ToString() : segment);
        }

        if (mark < 0)
        {
            return url.ToString();
        }

        var separator = '?';
        foreach (var pair in target[(mark + 1)..].Split('&'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            // A parameter without a name may itself be the secret.
            url.Append(separator).Append(equals < 0 ? Hidden.ToString() : pair[..equals].Length > LongestSegment ? Hidden + "=" + Hidden : pair[..equals] + "=" + Hidden);
            separator = '&';
        }

        return url.ToString();
    }
}
