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
    /// The targets (path and query) that Location and Content-Location name on the same server: as written and, where different, as RFC 3986 6.2.2 and a URI parser spell them;
    /// <paramref name="scheme"/>, <paramref name="authority"/> and <paramref name="target"/> are the request's.
    /// Those of other servers are left alone: nobody may invalidate a stranger's pages. The scheme may be another, because TLS may end before the gateway or begin behind it: host and port
    /// count, each without the default port of its own scheme.
    /// </summary>
    /// <param name="headers">The response's.</param>
    /// <param name="scheme">http or https.</param>
    /// <param name="authority">The request's host and port.</param>
    /// <param name="target">The request's path and query.</param>
    /// <param name="asked">The host and port by which the origin was asked, which it may take for its own; null = the same.</param>
    public static IEnumerable<string> SameOriginTargets(HeaderField[] headers, string scheme, string authority, string target, string? asked = null) =>
        Named(headers.Where(field => field.Is("Location") || field.Is("Content-Location")).Select(field => field.Value), scheme, authority, target, asked);

    /// <summary>The targets on the same server that MOVE and COPY write to (RFC 4918 10.3), by the same rules; none for other methods.</summary>
    /// <param name="method">The request's.</param>
    /// <param name="destination">Its <c>Destination</c>, or null.</param>
    /// <param name="scheme">http or https.</param>
    /// <param name="authority">The request's host and port.</param>
    /// <param name="target">The request's path and query.</param>
    public static IEnumerable<string> DestinationTargets(string method, string? destination, string scheme, string authority, string target) =>
        method is "MOVE" or "COPY" && destination is not null ? Named([destination], scheme, authority, target, asked: null) : [];

    private static HashSet<string> Named(IEnumerable<string> references, string scheme, string authority, string target, string? asked)
    {
        if (!Uri.TryCreate($"{scheme}://{authority}{target}", UriKind.Absolute, out var requested))
        {
            return [];
        }

        var own = RequestTarget.NormaliseAuthority(authority, scheme);
        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reference in references.Select(reference => reference.Trim()))
        {
            if (Uri.TryCreate(requested, reference, out var named)
                && named.Scheme is ("http" or "https")
                && RequestTarget.NormaliseAuthority(named.Authority, named.Scheme) is { } server && (server == own || server == asked))
            {
                targets.Add(named.PathAndQuery);
                if (TargetSpelling.Resolve(target, reference) is { } written)
                {
                    targets.Add(written);
                    targets.Add(TargetSpelling.Normalise(written));
                }
            }
        }

        return targets;
    }
}
