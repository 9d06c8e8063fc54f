using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Invalidation by method (RFC 9111 4.4).</summary>
public static class UnsafeMethods
{
    /// <summary>
    /// RFC 9110 9.2.1, and the methods that are registered as safe beside its own and seen in the wild; methods are case-sensitive, and an unknown one is unsafe.
    /// </summary>
    public static bool IsSafe(string method) => method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "QUERY" or "PROPFIND" or "REPORT" or "SEARCH";

    /// <summary>RFC 9111 4.4: a non-error status.</summary>
    public static bool Invalidates(int status) => status is >= 200 and <= 399;

    /// <summary>
    /// The targets (path and query) that Location and Content-Location name on the same origin, as written and, where different, as
    /// a URI parser spells them; <paramref name="scheme"/>, <paramref name="authority"/> and <paramref name="target"/> are the request's.
    /// Those of other origins are left alone: nobody may invalidate a stranger's pages.
    /// </summary>
    public static IEnumerable<string> SameOriginTargets(HeaderField[] headers, string scheme, string authority, string target)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (!Uri.TryCreate($"{scheme}://{authority}{target}", UriKind.Absolute, out var requested))
        {
            return [];
        }

        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in headers)
        {
            if ((field.Is("Location") || field.Is("Content-Location"))
                && Uri.TryCreate(requested, field.Value.Trim(), out var named)
                && Uri.Compare(requested, named, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0)
            {
                targets.Add(named.PathAndQuery);
                AddAsWritten(targets, field.Value.Trim());
            }
        }

        return targets;
    }

    private static void AddAsWritten(HashSet<string> targets, string reference)
    {
        var fragment = reference.IndexOf('#', StringComparison.Ordinal);
        var text = fragment < 0 ? reference : reference[..fragment];
        var server = text.IndexOf("//", StringComparison.Ordinal);
        if (server >= 0 && text.AsSpan(0, server).IndexOfAny("/?") < 0)
        {
            var path = text.IndexOf('/', server + 2);
            text = path < 0 ? "/" : text[path..];
        }

        if (text.StartsWith('/'))
        {
            targets.Add(text);
        }
    }
}
