using CacheGateway.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Under a policy that compresses, clients have entity tags that were made here. In what is forwarded with their conditions the origin must find its own, or it
/// refuses the write of a client that has what is current. Not in If-Range, nor in the If-None-Match of a read: the origin's bytes are of another coding than those the client has, and a
/// 304 would name a tag of what the client does not have (RFC 9110 15.4.5). A date in If-Range is the origin's own and of no coding: the whole is asked for.
/// </summary>
internal static class OwnTags
{
    public static void Restore(HttpRequest request)
    {
        Restore(request.Headers, HeaderNames.IfMatch);
        if (Ranges.IsByDate(FieldLines.Find(request.Headers, HeaderNames.IfRange)))
        {
            request.Headers.Remove(HeaderNames.IfRange);
            request.Headers.Remove(HeaderNames.Range);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            Restore(request.Headers, HeaderNames.IfNoneMatch);
        }
    }

    private static void Restore(IHeaderDictionary headers, string name)
    {
        if (headers.TryGetValue(name, out var lines) && lines.Count > 0)
        {
            headers[name] = new StringValues(Array.ConvertAll(lines.ToArray(), line => line is null ? null : CodedRepresentation.WithOriginTags(line)));
        }
    }
}
