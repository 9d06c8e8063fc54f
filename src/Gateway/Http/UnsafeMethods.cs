using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Invalidation by unsafe methods (RFC 9111 4.4). Methods are case-sensitive (RFC 9110 9.1); unknown ones count as unsafe.</summary>
public static class UnsafeMethods
{
    public static bool IsSafe(string method) => method is "GET" or "HEAD" or "OPTIONS" or "TRACE";

    /// <summary>A non-error response: 2xx or 3xx.</summary>
    public static bool Invalidates(int status) => status is >= 200 and < 400;

    /// <summary>
    /// Path and query of Location and Content-Location where they lie on the same origin as the request; relative references are resolved
    /// against <paramref name="target"/>.
    /// </summary>
    public static IEnumerable<string> SameOriginTargets(HeaderField[] headers, string scheme, string authority, string target)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (!Uri.TryCreate($"{scheme}://{authority}{target}", UriKind.Absolute, out var requested))
        {
            yield break;
        }

        foreach (var field in headers)
        {
            if ((field.Is("Location") || field.Is("Content-Location")) && Uri.TryCreate(requested, field.Value, out var named)
                && string.Equals(named.Scheme, requested.Scheme, StringComparison.OrdinalIgnoreCase)
                && string.Equals(named.Authority, requested.Authority, StringComparison.OrdinalIgnoreCase))
            {
                yield return Raw(field.Value) ?? named.PathAndQuery;
            }
        }
    }

    /// <summary>A reference that starts with "/" names the target by its own bytes: parsing could change its escapes.</summary>
    private static string? Raw(string reference)
    {
        if (!reference.StartsWith('/') || reference.StartsWith("//", StringComparison.Ordinal))
        {
            return null;
        }

        var fragment = reference.IndexOf('#', StringComparison.Ordinal);
        return fragment < 0 ? reference : reference[..fragment];
    }
}
