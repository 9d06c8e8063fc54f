using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>Which fields of an answer are kept and shown. Pure.</summary>
internal static class AnswerFields
{
    /// <summary>Fields between an origin and its cache; clients get them only where a policy says so.</summary>
    public static readonly string[] Tags = ["Cache-Tag", "Surrogate-Key", "Cache-Groups", "Cache-Group-Invalidation"];

    /// <summary>Those that were judged without those that a route's transforms took away (<see cref="HiddenFields"/>).</summary>
    public static HeaderField[] Visible(HeaderField[] judged, HeaderField[] hidden) =>
        hidden.Length == 0 ? judged : HeaderField.Without(judged, hidden, static (field, hidden) => Array.IndexOf(hidden, field) >= 0);

    /// <summary>As they are stored: without tags, unless the policy forwards them, and with Vary where codings are made.</summary>
    public static HeaderField[] Stored(HeaderField[] judged, CachePolicy policy, bool compresses)
    {
        var headers = policy.ForwardTags ? judged : WithoutTags(judged);
        return compresses ? CodedRepresentation.WithVary(headers) : headers;
    }

    public static HeaderField[] WithoutTags(HeaderField[] headers) =>
        HeaderField.Without(headers, 0, static (field, _) => IsTag(field));

    public static bool IsTag(HeaderField field)
    {
        foreach (var name in Tags)
        {
            if (field.Is(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>RFC 9110 6.6.1: a response that is stored has the Date it was received at, when its origin gave none.</summary>
    public static HeaderField[] Dated(HeaderField[] headers, Instant received) =>
        Array.Exists(headers, field => field.Is("Date")) ? headers : [.. headers, new HeaderField("Date", HttpDate.Format(received.Wall))];
}
