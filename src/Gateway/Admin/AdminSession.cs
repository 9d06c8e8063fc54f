using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.Pipeline;

namespace CacheGateway.Admin;

/// <summary>
/// A browser's stay on the dashboard, after it presented the token once: a cookie that no script reads, "END.ID.SIGNATURE" (seconds since 1970, 16 bytes at random, HMAC-SHA256 of both)
/// with a key of this process, so that it ends with it.
/// </summary>
internal sealed class AdminSession(TimeProvider time)
{
    private static readonly TimeSpan Length = TimeSpan.FromHours(12);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Ends of sessions that were signed out, by what of their cookie is signed. Each had the token, and is kept no longer than its cookie would have been taken.</summary>
    private readonly ConcurrentDictionary<string, long> _over = new(StringComparer.Ordinal);

    public void Begin(HttpContext context)
    {
        var end = time.GetUtcNow() + Length;
        var text = $"{end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16))}";
        context.Response.Cookies.Append(NameFor(context.Request), $"{text}.{Sign(text)}", Options(context.Request, end));
    }

    /// <summary>For the browser and for whoever copied its cookie.</summary>
    public void End(HttpContext context)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (text, end) in _over)
        {
            if (end <= now)
            {
                _over.TryRemove(text, out _);
            }
        }

        if (Find(context.Request) is var (carried, until))
        {
            _over[carried] = until;
        }

        context.Response.Cookies.Delete(NameFor(context.Request), Options(context.Request, null));
    }

    public bool IsCarriedBy(HttpRequest request) => Find(request) is not null;

    /// <summary>What is signed of the cookie, and the end in it; null where it is none, is over, or was signed out.</summary>
    private (string Text, long End)? Find(HttpRequest request)
    {
        var value = request.Cookies[NameFor(request)] ?? "";
        var (dot, second) = (value.IndexOf('.', StringComparison.Ordinal), value.LastIndexOf('.'));
        if (dot <= 0 || second == dot)
        {
            return null;
        }

        var text = value[..second];
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(value[(second + 1)..]), Encoding.ASCII.GetBytes(Sign(text)))
            && long.TryParse(value.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && end > time.GetUtcNow().ToUnixTimeSeconds()
            && !_over.ContainsKey(text)
            ? (text, end)
            : null;
    }

    /// <summary>By the port in the browser's address: its cookies do not know ports, and gateways of one host would sign each other out.</summary>
    private static string NameFor(HttpRequest request) =>
        request.Host.Port is { } port ? $"{OwnCookies.Prefix}-{port.ToString(CultureInfo.InvariantCulture)}" : OwnCookies.Prefix;

    private static CookieOptions Options(HttpRequest request, DateTimeOffset? end) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = IsSecure(request), Path = "/", Expires = end };

    /// <summary>Where TLS ends before this listener, the page that sent the form says what the browser speaks.</summary>
    private static bool IsSecure(HttpRequest request) =>
        request.IsHttps || request.Headers.Origin.ToString().StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(text)));
}
