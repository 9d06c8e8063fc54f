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
        // A fragment names nothing. Where a name begins with it, it stands for a long URL by its hash, and tells nothing.
        var fragment = url.IndexOf('#', StringComparison.Ordinal);
        if (fragment == 0)
        {
            return url;
        }

        url = fragment < 0 ? url : url[..fragment];
        // What looks like a scheme behind the first slash or question mark is part of a value.
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var authority = scheme >= 0 && url.AsSpan().IndexOfAny('/', '?') == scheme + 1 ? scheme + 3 : 0;
        var length = authority == 0 ? 0 : url.AsSpan(authority).IndexOfAny('/', '?');
        return length < 0 ? url : Hide(new StringBuilder(url, 0, authority + length, url.Length), url[(authority + length)..]);
    }

    public static string IdOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 6));

    private static string UrlOf(ResourceId resource) => Hide(new StringBuilder().Append(resource.Scheme).Append("://").Append(resource.Authority), resource.Target);

    private static string Hide(StringBuilder url, string target)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? target : target[..mark];
        url.AppendJoin('/', path.Split('/').Select(segment => IsSecret(segment) ? Hidden.ToString() : segment));
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

    /// <summary>Clients write the @ of an address as it is, or as %40.</summary>
    private static bool IsSecret(string segment) =>
        segment.Length > LongestSegment || segment.Contains('@', StringComparison.Ordinal) || segment.Contains("%40", StringComparison.Ordinal);
}
