using System.Globalization;
using System.IO.Pipelines;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Writes a stored response to a client: 200, 206, 304, 412, 416 and HEAD, with Age, Cache-Status and the policy's Cache-Control. Who gets which is
/// decided before (<see cref="ResponseSender"/>).
/// </summary>
internal static class StoredWriter
{
    /// <summary>The whole, a part, or that the client has it already or may not have it. Allocates nothing for the usual answer.</summary>
    /// <returns>How many bytes of content the server was given: fewer than the answer has where its client left.</returns>
    public static ValueTask<long> WriteAsync(HttpContext context, MemoryTier memory, in RequestFacts facts, StoredResponse stored, long? age, string cacheStatus)
    {
        var range = facts.Range;
        if (stored.Coded.Length > 0)
        {
            // Of which of the codings the client has the beginning, a date does not say.
            range = Ranges.IsByDate(facts.IfRange) ? null : range;
            stored = Compression.Choose(stored, new RequestHeaderSource(context.Request.Headers).Find(HeaderNames.AcceptEncoding));
        }

        switch (Preconditions.Evaluate(facts, stored))
        {
            case PreconditionOutcome.NotModified:
                Head(context, stored, StatusCodes.Status304NotModified, age, cacheStatus);
                return default;
            case PreconditionOutcome.Failed:
                Head(context, stored, StatusCodes.Status412PreconditionFailed, age, cacheStatus);
                return default;
        }

        switch (Ranges.Evaluate(range, facts.IfRange, stored, out var selected))
        {
            case RangeOutcome.Unsatisfiable:
                Head(context, stored, StatusCodes.Status416RangeNotSatisfiable, age, cacheStatus);
                context.Response.Headers.ContentRange = $"bytes */{TotalOf(stored)}";
                context.Response.ContentLength = 0;
                return default;
            case RangeOutcome.Partial:
                Head(context, stored, StatusCodes.Status206PartialContent, age, cacheStatus);
                context.Response.Headers.ContentRange = $"bytes {selected.First}-{selected.Last}/{TotalText(stored)}";
                if (stored.Partial is { } part && (part.First, part.Last) != (selected.First, selected.Last))
                {
                    // The digest is of the part that is stored (RFC 9530 2).
                    context.Response.Headers.Remove("Content-Digest");
                }

                context.Response.ContentLength = selected.Length;
                return BodyAsync(context, memory, facts.IsHead, stored.Body, selected.First - (stored.Partial?.First ?? 0), selected.Length);
            default:
                Head(context, stored, stored.Status, age, cacheStatus);
                if (facts.IsHead)
                {
                    // There is no content that it would be of (RFC 9530 2).
                    context.Response.Headers.Remove("Content-Digest");
                }

                if (stored.Status is not (204 or 304))
                {
                    context.Response.ContentLength = stored.Body.Length;
                }

                return BodyAsync(context, memory, facts.IsHead, stored.Body, 0, stored.Body.Length);
        }
    }

    private static long TotalOf(StoredResponse stored) => stored.Partial?.Total ?? stored.Body.Length;

    private static string TotalText(StoredResponse stored) =>
        stored.Partial is { Total: null } ? "*" : TotalOf(stored).ToString(CultureInfo.InvariantCulture);

    /// <summary>The head alone, with a status of the stored response or one that stands for it (206, 304, 412, 416).</summary>
    public static void Head(HttpContext context, StoredResponse stored, int status, long? age, string cacheStatus)
    {
        var response = context.Response;
        var headers = response.Headers;
        response.StatusCode = status;
        if (status == stored.Status)
        {
            AddFields(headers, stored);
        }
        else
        {
            foreach (var field in stored.Headers)
            {
                if (Belongs(field, status, stored.ETag is not null))
                {
                    Add(headers, field);
                }
            }
        }

        if (stored.ETagGenerated)
        {
            headers.ETag = stored.ETag;
        }

        if (age is { } milliseconds)
        {
            headers.Age = SecondsText.Age.Of(milliseconds / 1000);
        }

        headers.Append("Cache-Status", cacheStatus);
        if (IsRefusal(status))
        {
            return;
        }

        ApplyClientCacheControl(headers, stored.ClientCacheControl, (age ?? 0) / 1000);
    }

    /// <summary>Setting costs half of appending, and only a name that comes twice needs that.</summary>
    private static void AddFields(IHeaderDictionary headers, StoredResponse stored)
    {
        if (stored.HasRepeatedNames || headers.SetCookie.Count > 0)
        {
            // Its own may stand there: the cookie that binds the client to a destination.
            AddFields(headers, stored.Headers);
            return;
        }

        foreach (var field in stored.Headers)
        {
            headers[field.Name] = field.Value;
        }
    }

    private static ValueTask<long> BodyAsync(HttpContext context, MemoryTier memory, bool isHead, BodySegments body, long offset, long count)
    {
        if (isHead || count == 0)
        {
            return default;
        }

        if (body.Count == 1)
        {
            // Head and body in one piece, without a copy in between; a client that is gone is noticed by the server itself.
            var written = context.Response.BodyWriter.WriteAsync(body[0].AsMemory((int)offset, (int)count));
            return written.IsCompletedSuccessfully ? ValueTask.FromResult(count) : AfterAsync(written, count);
        }

        return LargeBodyAsync(context, memory, body, offset, count);
    }

    private static async ValueTask<long> AfterAsync(ValueTask<FlushResult> written, long count)
    {
        await written;
        return count;
    }

    /// <summary>
    /// Two segments at a time, each two awaited: a slow client holds no more of the server's buffers, and the shared body by reference, which counts in memory
    /// from the first time that the client keeps it waiting.
    /// </summary>
    private static async ValueTask<long> LargeBodyAsync(HttpContext context, MemoryTier memory, BodySegments body, long offset, long count)
    {
        var writer = context.Response.BodyWriter;
        var (left, given) = (count, 0L);
        var counts = false;
        // The server lets a whole segment wait until the client has taken nearly all before it. The first piece goes alone: the server has no head to put it behind yet.
        var isTaken = false;
        try
        {
            for (var i = 0; i < body.Count && left > 0; i++)
            {
                var segment = body[i];
                if (offset >= segment.Length)
                {
                    offset -= segment.Length;
                    continue;
                }

                var part = segment.AsMemory((int)offset, (int)Math.Min(segment.Length - offset, left));
                offset = 0;
                left -= part.Length;
                if (isTaken && left > 0)
                {
                    // With the size that is needed: the server gives none where the client is gone.
                    part.Span.CopyTo(writer.GetSpan(part.Length));
                    writer.Advance(part.Length);
                    isTaken = false;
                    continue;
                }

                var written = writer.WriteAsync(part, context.RequestAborted);
                if (!written.IsCompleted && !counts)
                {
                    counts = true;
                    memory.BeginReading(body);
                }

                if ((await written).IsCompleted)
                {
                    // Nobody reads on: the client is gone, and the server need not look for the rest.
                    context.Abort();
                    break;
                }

                given = count - left;
                isTaken = part.Length == BodySegments.MaxSegment;
            }
        }
        catch (OperationCanceledException)
        {
            // The client is gone.
        }
        finally
        {
            if (counts)
            {
                memory.EndReading(body);
            }
        }

        return given;
    }

    public static void AddFields(IHeaderDictionary headers, HeaderField[] fields)
    {
        foreach (var field in fields)
        {
            Add(headers, field);
        }
    }

    /// <summary>Appends a line, an empty one too, which the framework's own way loses.</summary>
    public static void Add(IHeaderDictionary headers, HeaderField field) =>
        headers[field.Name] = headers.TryGetValue(field.Name, out var before) ? StringValues.Concat(before, field.Value) : field.Value;

    /// <summary>The same for an answer that goes on with the Age that came with it, or none.</summary>
    public static void ApplyClientCacheControl(IHeaderDictionary headers, ClientCacheControl? client) =>
        ApplyClientCacheControl(headers, client, client is null ? 0 : Math.Max(0, DeltaSeconds.Parse(headers.Age.ToString())));

    /// <summary>The policy's word to clients: max-age = M + Age, so that a client keeps it M seconds however long it lay here.</summary>
    public static void ApplyClientCacheControl(IHeaderDictionary headers, ClientCacheControl? client, long ageSeconds)
    {
        if (client is null)
        {
            return;
        }

        headers.Remove(HeaderNames.Expires);
        headers.CacheControl = client.MaxAge is not { } maxAge ? client.Directives
            : string.Create(CultureInfo.InvariantCulture, $"{client.Directives}{(client.Directives.Length > 0 ? ", " : "")}max-age={maxAge + ageSeconds}");
    }

    /// <summary>
    /// Which fields of a stored response go with another status. The digest of its content is of no other content (RFC 9530 2); how long it stays fresh is said of
    /// it alone, or a cache on the way would keep the refusal.
    /// </summary>
    private static bool Belongs(HeaderField field, int status, bool hasETag) =>
        !field.Is("Content-Digest")
        && (status == StatusCodes.Status206PartialContent ? !field.Is(HeaderNames.ContentRange) : BelongsIn304(field, hasETag))
        && !(IsRefusal(status) && (field.Is(HeaderNames.CacheControl) || field.Is(HeaderNames.Expires) || field.Name.EndsWith("-Cache-Control", StringComparison.OrdinalIgnoreCase)));

    private static bool IsRefusal(int status) => status is StatusCodes.Status412PreconditionFailed or StatusCodes.Status416RangeNotSatisfiable;

    /// <summary>
    /// RFC 9110 15.4.5: what a 304 carries of the fields the 200 would have had; the rest the client has. Last-Modified is the only validator where there is no entity tag, and without one a
    /// cache behind this one could not tell what was confirmed (RFC 9111 4.3.4).
    /// </summary>
    private static bool BelongsIn304(HeaderField field, bool hasETag) =>
        !field.Is(HeaderNames.ContentLength) && !field.Is(HeaderNames.ContentType) && !field.Is(HeaderNames.ContentEncoding) && !field.Is(HeaderNames.ContentLanguage)
        && !field.Is(HeaderNames.ContentRange) && !(hasETag && field.Is(HeaderNames.LastModified));
}
