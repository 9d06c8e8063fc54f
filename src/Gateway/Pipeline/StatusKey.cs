using System.Text;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// The parameter <c>key</c> of Cache-Status (RFC 9211 2.7), for who looks for the reason why two requests have different entries: the id by which lists and
/// explanations name an entry, and its URL with the values of the query hidden. Off unless it is asked for: it makes every answer longer, and is for people alone.
/// </summary>
/// <param name="isShown">Whether it was asked for.</param>
internal sealed class StatusKey(bool isShown)
{
    /// <summary>Longer URLs are cut; the id tells them apart.</summary>
    private const int MostShown = 200;

    /// <summary><paramref name="cacheStatus"/> as it goes to the client.</summary>
    public string On(string cacheStatus, CacheKey key) => isShown ? With(cacheStatus, key) : cacheStatus;

    /// <summary>The same for a stored response, whose key is only made where it is shown.</summary>
    public string On(string cacheStatus, StoredResponse stored) => isShown ? With(cacheStatus, stored.Key.ToKey()) : cacheStatus;

    private static string With(string cacheStatus, CacheKey key)
    {
        var shown = RedactedKey.Of(key);
        var text = new StringBuilder(cacheStatus).Append("; key=\"").Append(shown.Id).Append(' ');
        foreach (var c in shown.Url.AsSpan(0, Math.Min(MostShown, shown.Url.Length)))
        {
            // RFC 8941 3.3.3: visible ASCII, with a backslash before what would end it.
            text.Append(c is '"' or '\\' ? "\\" : "").Append(c is >= ' ' and <= '~' ? c : '*');
        }

        return text.Append('"').ToString();
    }
}
