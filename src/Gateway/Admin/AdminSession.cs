using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Admin;

/// <summary>
/// A browser's stay on the dashboard, after it presented the token once: a cookie that no script reads, signed with a key of this process, so
/// that it ends with it.
/// </summary>
internal sealed class AdminSession(TimeProvider time)
{
    public const string CookieName = "cachegateway-admin";

    private static readonly TimeSpan Length = TimeSpan.FromHours(12);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public void Begin(HttpContext context)
    {
        var end = time.GetUtcNow() + Length;
        var text = end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        context.Response.Cookies.Append(CookieName, $"{text}.{Sign(text)}", Options(context, end));
    }

    public static void End(HttpContext context) => context.Response.Cookies.Delete(CookieName, Options(context, null));

    public bool IsCarriedBy(HttpRequest request)
    {
        var value = request.Cookies[CookieName] ?? "";
        var dot = value.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0)
        {
            return false;
        }

        var text = value[..dot];
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(value[(dot + 1)..]), Encoding.ASCII.GetBytes(Sign(text)))
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && end > time.GetUtcNow().ToUnixTimeSeconds();
    }

    private static CookieOptions Options(HttpContext context, DateTimeOffset? end) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/", Expires = end };

    private string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(text)));
}
