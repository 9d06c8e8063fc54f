using CacheGateway.Model;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Http;

/// <summary>Which of a client's request fields its origin is sent under a policy, by their names.</summary>
internal static class ClientFields
{
    /// <summary>What proxies say of a client begins so, and every framework knows other names of the kind.</summary>
    public const string Forwarded = "X-Forwarded-";

    /// <summary>Names that frameworks trust although any client can send them.</summary>
    public static readonly IReadOnlySet<string> Trusted = new HashSet<string>(
    [
        "Forwarded", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X-Host", "X-Original-Host", "X-Original-Forwarded-For", "X-Url-Scheme", "Front-End-Https",
        "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override",
        "x-nextjs-data", "x-now-route-matches", "x-middleware-prefetch", "x-middleware-subrequest", "X-Ghost-Preview", "Rsc",
    ],
    StringComparer.OrdinalIgnoreCase);

    /// <summary>What <see cref="CachePolicy.ForwardOnly"/> leaves beside what is keyed. Conditions and ranges are only there on a pass, and their answers are never stored as whole ones.</summary>
    private static readonly HashSet<string> AlwaysKept = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Host, HeaderNames.Connection,
        // By these a request that goes round in a circle is known (RFC 8586 2).
        "CDN-Loop", HeaderNames.Via,
        HeaderNames.IfMatch, HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfUnmodifiedSince, HeaderNames.IfRange, HeaderNames.Range,
    };

    /// <summary>Whether a client's field of this name is trusted by frameworks and stays behind.</summary>
    public static bool AreTrusted(string name, CachePolicy policy) =>
        (Trusted.Contains(name) || name.StartsWith(Forwarded, StringComparison.OrdinalIgnoreCase)) && !policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether <see cref="CachePolicy.ForwardOnly"/> leaves it.</summary>
    public static bool AreKept(string name, CachePolicy policy) =>
        AlwaysKept.Contains(name)
        || ((Is(name, HeaderNames.Authorization) || Is(name, HeaderNames.Cookie) || CredentialFields.Are(name)) && policy.Key.Identity != IdentityRule.Share)
        || policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (policy.Vary.TryGetValue(name, out var action) && action != VaryAction.Ignore);

    /// <summary>
    /// Whether no two requests that differ in a client's field of this name can have one answer: what the origin is sent of it is in the key, or decides which policy takes the request, or it is
    /// sent none.
    /// </summary>
    public static bool AreToldApart(string name, CachePolicy policy) =>
        policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (policy.Match.Headers.TryGetValue(name, out var value) && value is not null)
        || policy.DropRequestHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)
        || AreTrusted(name, policy)
        || (policy.ForwardOnly && !AreKept(name, policy))
        || Is(name, HeaderNames.Host)
        || (Is(name, HeaderNames.Cookie) && policy.Key.Cookies.Count > 0)
        || ((Is(name, HeaderNames.Authorization) || Is(name, HeaderNames.Cookie) || CredentialFields.Are(name)) && policy.Key.Identity is IdentityRule.Isolate or IdentityRule.Claim);

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
