using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Request fields that frameworks trust although any client can send them: on a cached route a client's never reach the origin unless they are keyed. They are
/// taken from the request before it is forwarded, so that what transforms of the route write in their place stays.
/// </summary>
internal static class TrustedFields
{
    /// <summary>What proxies say of a client begins so, and every framework knows other names of the kind.</summary>
    private const string Forwarded = "X-Forwarded-";

    private static readonly HashSet<string> Names = new(
    [
        "Forwarded", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X-Host", "X-Original-Host", "X-Original-Forwarded-For", "X-Url-Scheme", "Front-End-Https",
        "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override",
        "x-nextjs-data", "x-now-route-matches", "x-middleware-prefetch", "x-middleware-subrequest", "X-Ghost-Preview", "Rsc",
    ],
    StringComparer.OrdinalIgnoreCase);

    /// <summary>The same, and the fields that delimit a message, as some servers read them where a name has underscores.</summary>
    private static readonly HashSet<string> Aliased = new(
        [.. Names, "Host", "Content-Length", "Transfer-Encoding", "Connection", "Via", "CDN-Loop"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a client's field of this name stays behind.</summary>
    public static bool AreDropped(string name, CachePolicy policy) =>
        (Names.Contains(name) || name.StartsWith(Forwarded, StringComparison.OrdinalIgnoreCase)) && !policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes them away from a client's own request. They are few, and mostly there are none.</summary>
    public static void Drop(IHeaderDictionary headers, CachePolicy policy)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (AreDropped(name, policy))
            {
                (found ??= []).Add(name);
            }
        }

        found?.ForEach(name => headers.Remove(name));
    }

    /// <summary>CGI and its heirs read "X_Forwarded_Host" as X-Forwarded-Host: what a field may not say, its alias may not.</summary>
    public static void DropAliases(HttpRequestMessage request)
    {
        List<string>? aliases = null;
        foreach (var (name, _) in request.Headers.NonValidated)
        {
            if (name.Contains('_', StringComparison.Ordinal) && IsAliased(name.Replace('_', '-')))
            {
                (aliases ??= []).Add(name);
            }
        }

        aliases?.ForEach(name => request.Headers.Remove(name));
    }

    private static bool IsAliased(string name) => Aliased.Contains(name) || name.StartsWith(Forwarded, StringComparison.OrdinalIgnoreCase);
}
