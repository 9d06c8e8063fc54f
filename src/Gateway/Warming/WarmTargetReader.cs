using CacheGateway.Http;

namespace CacheGateway.Warming;

/// <summary>
/// Reads what somebody wants warmed: a path with query, or a URL of a host that is served here. Whatever could lead a request elsewhere is refused
/// with what would be right.
/// </summary>
internal sealed class WarmTargetReader(ServedAuthorities authorities)
{
    /// <summary>Longest target that is keyed.</summary>
    private const int MaxTarget = 8 * 1024;

    private static readonly string[] NeverHeaders =
        ["Host", "Authorization", "Cookie", "Proxy-Authorization", "Connection", "Content-Length", "Transfer-Encoding", "Range", "Expect", "Upgrade", "TE", "Trailer"];

    /// <summary>The target, or null and an <paramref name="error"/>.</summary>
    public WarmTarget? Read(string url, IReadOnlyDictionary<string, string> headers, out string? error)
    {
        error = Problem(url);
        if (error is not null)
        {
            return null;
        }

        if (url[0] == '/')
        {
            return new WarmTarget(authorities.DefaultScheme, authorities.DefaultAuthority, url, headers);
        }

        var scheme = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var rest = url[(scheme.Length + 3)..];
        var end = rest.AsSpan().IndexOfAny('/', '?');
        var authority = RequestTarget.NormaliseAuthority(end < 0 ? rest : rest[..end], scheme);
        if (authority is null || !authorities.Contains(scheme, authority))
        {
            error = $"is of a host that is not served here; served are {string.Join(", ", authorities.All().Take(5))} (--hosts names more)";
            return null;
        }

        return new WarmTarget(scheme, authority, RequestTarget.OriginForm(url)!, headers);
    }

    /// <summary>What is wrong with header fields that a warm-up shall carry, or null.</summary>
    /// <param name="headers">As read from JSON, which may hold null where a text belongs.</param>
    public static string? HeaderProblem(IReadOnlyDictionary<string, string> headers)
    {
        foreach (var (name, value) in headers)
        {
            if (!Tokens.IsToken(name))
            {
                return $"\"{name}\" is no header name";
            }

            if (NeverHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || CredentialFields.Are(name) || name.StartsWith("If-", StringComparison.OrdinalIgnoreCase))
            {
                return $"{name} cannot be sent: what is warmed is for everyone, whole, and asked without conditions";
            }

            if (value is null || value.Length > 1024 || value.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            {
                return $"the value of {name} must be up to 1,024 printable ASCII characters";
            }
        }

        return null;
    }

    private static string? Problem(string url)
    {
        var isPath = url.StartsWith('/');
        if (!isPath && !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return "must be a path such as /api/products?page=1, or an http(s) URL of a host that is served here";
        }

        if (url.StartsWith("//", StringComparison.Ordinal))
        {
            return "names another host; a path begins with one slash";
        }

        return url.Length > MaxTarget ? $"is longer than {MaxTarget} characters, which is never keyed"
            : url.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 ? "holds spaces, control characters or others outside of ASCII; percent-encode them"
            : url.Contains('@', StringComparison.Ordinal) && !isPath && url.IndexOf('@', StringComparison.Ordinal) < PathStart(url) ? "must not hold a user name"
            : RequestTarget.OriginForm(url) is not { } target || !RequestTarget.IsKeyable(target) ? "cannot be keyed (dot segments, backslashes, fragments), so it is never cached"
            : null;
    }

    private static int PathStart(string url)
    {
        var start = url.IndexOf('/', url.IndexOf("://", StringComparison.Ordinal) + 3);
        return start < 0 ? url.Length : start;
    }
}
