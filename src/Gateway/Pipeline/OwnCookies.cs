using CacheGateway.Http;
using Microsoft.Extensions.Primitives;

namespace CacheGateway.Pipeline;

/// <summary>
/// Cookies of this gateway's admin listener. A browser sends them to every port of a host (RFC 6265 8.5), so those of an operator come with what he asks of the public listener as well: they
/// are gone before a key is made and before anything is forwarded. The origin would otherwise be given a session of the admin listener, and a request with a cookie is answered by the origin.
/// </summary>
internal static class OwnCookies
{
    /// <summary>Begins the name of each.</summary>
    public const string Prefix = "cachegateway-admin";

    public static void Drop(IHeaderDictionary headers)
    {
        var lines = headers.Cookie;
        if (!HasAny(lines))
        {
            return;
        }

        string[] kept = [.. lines.Select(line => CookieValues.Without(line ?? "", name => name.StartsWith(Prefix, StringComparison.Ordinal))).Where(line => line.Length > 0)];
        headers.Cookie = kept.Length > 0 ? kept : default(StringValues);
    }

    private static bool HasAny(StringValues lines)
    {
        foreach (var line in lines)
        {
            if (line?.Contains(Prefix, StringComparison.Ordinal) == true)
            {
                return true;
            }
        }

        return false;
    }
}
