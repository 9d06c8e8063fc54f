using System.Text;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// What fills are collapsed by: the primary key, and where it is known that responses vary, the request's own values of the selecting headers,
/// so that variants are fetched beside each other instead of one after the other.
/// </summary>
internal static class GateKey
{
    public static string Of(CacheRequest request) =>
        request.Known is { } known ? Of(request, known.Responses[0]) : request.Key.Text;

    /// <summary>For a request whose values differ from those of <paramref name="like"/>.</summary>
    public static string Of(CacheRequest request, StoredResponse like)
    {
        if (like.Vary.Length == 0)
        {
            return request.Key.Text;
        }

        var text = new StringBuilder(request.Key.Text).Append("||vary");
        foreach (var vary in VaryRules.Capture(Array.ConvertAll(like.Vary, value => value.Name), request.Headers, request.Policy))
        {
            text.Append('|').Append(vary.Name.Length).Append(':').Append(vary.Name).Append('|')
                .Append(vary.Value?.Length ?? -1).Append(':').Append(vary.Value);
        }

        return text.ToString();
    }
}
