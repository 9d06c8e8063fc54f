using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Which of a client's request fields reach the origin where its answer may be stored under a policy's key: what is keyed is what is forwarded.
/// </summary>
internal static class ForwardedFields
{
    /// <summary>The name by which the gateway itself binds the client to a destination, or null.</summary>
    public static string? AffinityOf(HttpContext context) =>
        context.Features.Get<IReverseProxyFeature>()?.Cluster?.Config.SessionAffinity is { Enabled: true } affinity ? affinity.AffinityKeyName : null;

    /// <summary>The client's cookies without that one, which says where it was sent before and not who it is; null = it has none.</summary>
    public static string? CookieOf(HttpContext context)
    {
        var cookie = FieldLines.Find(context.Request.Headers, HeaderNames.Cookie);
        return cookie is not null && AffinityOf(context) is { } affinity && cookie.Contains(affinity, StringComparison.Ordinal)
            ? CookieValues.Without(cookie, name => name == affinity) is { Length: > 0 } left ? left : null
            : cookie;
    }

    /// <summary>
    /// Takes away what must not reach the origin, leaves what chooses the destination, and makes one line of several. Of the spellings of a host that have one key, in capitals, with a final dot
    /// or the scheme's own port, the origin sees one: it might write what it sees into what everybody gets, or find no site under it.
    /// </summary>
    public static void Keep(IHeaderDictionary headers, CachePolicy policy, string authority, string? affinity)
    {
        if (headers.Host.ToString() != authority)
        {
            headers.Host = authority;
        }

        FieldLines.Fold(headers);
        KeepKeyedCookies(headers, policy, affinity);
        if (policy.ForwardOnly)
        {
            foreach (var name in headers.Keys.ToArray())
            {
                if (!ClientFields.AreKept(name, policy) && !Is(name, affinity ?? ""))
                {
                    headers.Remove(name);
                }
            }
        }

        if (AsksForIdentity(policy))
        {
            headers.Remove(HeaderNames.AcceptEncoding);
        }
    }

    /// <summary>The names of a Vary that can have had a part in the answer: what the origin never sees, or the key holds already, selects nothing.</summary>
    public static string[] Selecting(string[] vary, CachePolicy policy) => Array.FindAll(vary, name =>
        (!AsksForIdentity(policy) || !Is(name, HeaderNames.AcceptEncoding))
        && (policy.Key.Cookies.Count == 0 || !Is(name, HeaderNames.Cookie))
        && !ClientFields.AreTrusted(name, policy)
        && !Is(name, HeaderNames.ContentType)
        && !policy.DropRequestHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)
        && (!policy.ForwardOnly || ClientFields.AreKept(name, policy)));

    /// <summary>Codings are made here, and tags can be read from an identity body only.</summary>
    private static bool AsksForIdentity(CachePolicy policy) => policy.Compress || TagExpansion.ReadsBody(policy);

    /// <summary>Where a policy keys single cookies, the origin sees only those; the gateway's own is taken away when it has chosen the destination.</summary>
    private static void KeepKeyedCookies(IHeaderDictionary headers, CachePolicy policy, string? affinity)
    {
        if (policy.Key.Cookies.Count == 0 || headers.Cookie.Count == 0)
        {
            return;
        }

        var kept = CookieValues.Select(headers.Cookie.ToString(), affinity is null ? policy.Key.Cookies : [.. policy.Key.Cookies, affinity]);
        if (kept.Length == 0)
        {
            headers.Remove(HeaderNames.Cookie);
        }
        else
        {
            headers.Cookie = kept;
        }
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
