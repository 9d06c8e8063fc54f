using CacheGateway.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Under a policy that compresses, clients have entity tags that were made here. In what is forwarded with their conditions the origin must find its own, or it
/// refuses the write of a client that has what is current. Not in If-Range: the origin's bytes are of another coding than those the client has.
/// </summary>
internal static class OwnTags
{
    public static void Restore(IHeaderDictionary headers)
    {
        Restore(headers, HeaderNames.IfMatch);
        Restore(headers, HeaderNames.IfNoneMatch);
    }

    private static void Restore(IHeaderDictionary headers, string name)
    {
        if (headers.TryGetValue(name, out var lines) && lines.Count > 0)
        {
            headers[name] = new StringValues(Array.ConvertAll(lines.ToArray(), line => line is null ? null : CodedRepresentation.WithOriginTags(line)));
        }
    }
}
