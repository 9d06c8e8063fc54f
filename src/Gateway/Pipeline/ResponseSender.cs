using System.Globalization;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// The only code that writes a stored or shared response to a client: 200, 206, 304, 412, 416 and HEAD, with Age, Cache-Status and the
/// policy's Cache-Control; and the gateway's own failures as problem details (RFC 9457) with Proxy-Status (RFC 9209).
/// </summary>
internal sealed class ResponseSender(TrafficRecorder traffic, GatewayLimits limits, TimeProvider time)
{
    /// <summary>Answers from the store.</summary>
    public Task SendStoredAsync(CacheRequest request, StoredResponse stored, ServeDecision decision) =>
        SendStoredAsync(request.Context, request.Policy, request.Facts, stored, decision.Reason, request.IsFromShared ? ServedFrom.Redis : ServedFrom.Memory,
            request.StartedAt, Instant.MonotonicNow(time));

    /// <summary>The same at <paramref name="now"/> (monotonic milliseconds). For the usual answer it allocates nothing.</summary>
    public Task SendStoredAsync(
        HttpContext context, CachePolicy policy, in RequestFacts facts, StoredResponse stored, Reason reason, ServedFrom from, long startedAt, long now)
    {
        var age = stored.Freshness.AgeAt(now);
        var writing = WriteAsync(context, facts, stored, age, CacheStatusField.Hit((stored.Freshness.Lifetime - age) / 1000, reason));
        if (!writing.IsCompletedSuccessfully)
        {
            return RecordAfterAsync(writing, context, policy, facts.IsHead, stored, reason, from, startedAt);
        }

        RecordHit(context, policy, facts.IsHead, stored, reason, from, startedAt);
        return writing;
    }

    /// <summary>
    /// Serves a request from a fill: whole when the whole is there or needed, else streamed as it grows. False when the first bytes are gone.
    /// </summary>
    public async Task<bool> SendFillAsync(CacheRequest request, Fill fill, FillHead head, bool isLeader, Reason reason)
    {
        if (head.Kind is FillKind.Stored or FillKind.Withdrawn)
        {
            await WriteAsync(request.Context, request.Facts, head.Response!, AgeOf(head.Response!), Forwarded(head.Response!, 304, head.Kind == FillKind.Stored, isLeader, reason));
            Record(request, head, isLeader, head.Reason, Sent(request));
            return true;
        }

        var body = fill.Body!;
        if (head.Response is { } response)
        {
            if (NeedsWhole(request, response))
            {
                await body.GrownBeyondAsync(request.Facts.Range is null ? limits.GeneratedETagWait : request.Policy.RangeFetchWhole, request.ClientGone);
            }

            if (fill.Finished is { } finished && !(isLeader && HasMoreForLeader(head)))
            {
                await WriteAsync(request.Context, request.Facts, finished, isLeader ? OriginAge(head) : AgeOf(finished), Forwarded(finished, finished.Status, stored: true, isLeader, reason));
                Record(request, head, isLeader, reason, Sent(request));
                return true;
            }

            if (!request.Policy.Compress && Preconditions.Evaluate(request.Facts, response) == PreconditionOutcome.NotModified)
            {
                Head(request.Context, response, StatusCodes.Status304NotModified, isLeader ? OriginAge(head) : AgeOf(response), Forwarded(response, head.Status, stored: true, isLeader, reason));
                Record(request, head, isLeader, reason, 0);
                return true;
            }
        }

        var reader = isLeader ? fill.LeaderReader : body.Attach();
        if (reader is null)
        {
            return false;
        }

        using (reader)
        {
            StreamHead(request, head, isLeader, reason);
            await StreamBodyAsync(request, body, reader);
            Record(request, head, isLeader, head.Response is null ? head.Reason : reason, reader.Passed);
        }

        return true;
    }

    /// <summary>The gateway's own failure; never more than what a client may know.</summary>
    public Task SendFailureAsync(HttpContext context, CachePolicy? policy, int status, Reason reason)
    {
        traffic.Record(policy, ServedFrom.Failed, reason, 0, traffic.Timestamp());
        var (title, proxyError) = reason switch
        {
            Reason.OnlyIfCached => ("Nothing usable is stored and the request allows nothing else", null),
            Reason.OriginTimeout => ("The origin did not answer in time", "http_response_timeout"),
            Reason.OriginTruncated => ("The origin's answer was incomplete", "http_response_incomplete"),
            Reason.OriginUnreachable => ("The origin could not be reached", "destination_unavailable"),
            Reason.OriginBusy => ("The origin has as many requests as it is given at once", "connection_limit_reached"),
            Reason.OriginDown => ("The origin gave no answers lately and is left alone for a moment", "destination_unavailable"),
            Reason.Loop => ("The request came back to the gateway it left", "proxy_loop_detected"),
            _ => ("The origin failed to answer", "http_protocol_error"),
        };
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.Headers["Cache-Status"] = PassThrough.Passed(reason);
        response.Headers.CacheControl = "no-store";
        if (proxyError is not null)
        {
            response.Headers["Proxy-Status"] = $"CacheGateway; error={proxyError}";
        }

        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "1";
        }

        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.WriteAsync($$"""{"type":"about:blank","title":"{{title}}","status":{{status}},"detail":"{{reason.Text()}}"}""", context.RequestAborted);
    }

    public Task SendLoopAsync(HttpContext context) => SendFailureAsync(context, null, StatusCodes.Status508LoopDetected, Reason.Loop);

    private static bool NeedsWhole(CacheRequest request, StoredResponse response) =>
        request.Policy.Compress || (request.Policy.GenerateETag && response.ETag is null) || (request.Facts.Range is not null && request.Policy.RangeFetchWhole > 0);

    /// <summary>What was withheld from storage (cookies, private fields) belongs to the client that caused the fetch.</summary>
    private static bool HasMoreForLeader(FillHead head) =>
        Array.Exists(head.OriginHeaders, field => !field.Is(HeaderNames.Age) && Array.IndexOf(head.Response!.Headers, field) < 0);

    private static void AddFields(IHeaderDictionary headers, HeaderField[] fields)
    {
        foreach (var field in fields)
        {
            headers.Append(field.Name, field.Value);
        }
    }

    /// <summary>The policy's word to clients: max-age = M + Age, so that a client keeps it M seconds however long it lay here.</summary>
    internal static void ApplyClientCacheControl(IHeaderDictionary headers, ClientCacheControl? client, long ageSeconds)
    {
        if (client is null)
        {
            return;
        }

        headers.Remove(HeaderNames.Expires);
        headers.CacheControl = client.MaxAge is not { } maxAge ? client.Directives
            : string.Create(CultureInfo.InvariantCulture, $"{client.Directives}{(client.Directives.Length > 0 ? ", " : "")}max-age={maxAge + ageSeconds}");
    }

    /// <summary>RFC 9110 15.4.5: what a 304 carries of the fields the 200 would have had; the rest the client has.</summary>
    private static bool BelongsIn304(HeaderField field) =>
        !field.Is(HeaderNames.ContentLength) && !field.Is(HeaderNames.ContentType) && !field.Is(HeaderNames.ContentEncoding) && !field.Is(HeaderNames.ContentLanguage)
        && !field.Is(HeaderNames.ContentRange) && !field.Is(HeaderNames.LastModified);

    private static async Task StreamBodyAsync(CacheRequest request, FillBody body, FillReader reader)
    {
        var context = request.Context;
        if (request.Facts.IsHead)
        {
            return;
        }

        reader.OnCut(context.Abort);
        var output = context.Response.Body;
        if (body is { IsWindowed: true, Length: 0, IsComplete: false, IsFailed: false })
        {
            await output.FlushAsync(context.RequestAborted);
        }

        while (true)
        {
            // Read in this order: what came before the end is then surely in the piece.
            var isComplete = body.IsComplete;
            var piece = reader.Next();
            if (!piece.IsEmpty)
            {
                try
                {
                    await output.WriteAsync(piece, context.RequestAborted);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                reader.Written();
            }
            else if (body.IsFailed || reader.IsCut)
            {
                // RFC 9112 8: an incomplete message must not look complete.
                context.Abort();
                return;
            }
            else if (isComplete)
            {
                return;
            }
            else
            {
                try
                {
                    await reader.GrownAsync().WaitAsync(context.RequestAborted);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private static Task WriteAsync(HttpContext context, in RequestFacts facts, StoredResponse stored, long? age, string cacheStatus)
    {
        if (stored.Coded.Length > 0)
        {
            stored = Compression.Choose(stored, new RequestHeaderSource(context.Request.Headers).Find(HeaderNames.AcceptEncoding));
        }

        switch (Preconditions.Evaluate(facts, stored))
        {
            case PreconditionOutcome.NotModified:
                Head(context, stored, StatusCodes.Status304NotModified, age, cacheStatus);
                return Task.CompletedTask;
            case PreconditionOutcome.Failed:
                Head(context, stored, StatusCodes.Status412PreconditionFailed, age, cacheStatus);
                return Task.CompletedTask;
        }

        switch (Ranges.Evaluate(facts.Range, facts.IfRange, stored, out var range))
        {
            case RangeOutcome.Unsatisfiable:
                Head(context, stored, StatusCodes.Status416RangeNotSatisfiable, age, cacheStatus);
                context.Response.Headers.ContentRange = $"bytes */{TotalOf(stored)}";
                context.Response.ContentLength = 0;
                return Task.CompletedTask;
            case RangeOutcome.Partial:
                Head(context, stored, StatusCodes.Status206PartialContent, age, cacheStatus);
                context.Response.Headers.ContentRange = $"bytes {range.First}-{range.Last}/{TotalText(stored)}";
                context.Response.ContentLength = range.Last - range.First + 1;
                return BodyAsync(context, facts.IsHead, stored.Body, range.First - (stored.Partial?.First ?? 0), range.Last - range.First + 1);
            default:
                Head(context, stored, stored.Status, age, cacheStatus);
                if (stored.Status is not (204 or 304))
                {
                    context.Response.ContentLength = stored.Body.Length;
                }

                return BodyAsync(context, facts.IsHead, stored.Body, 0, stored.Body.Length);
        }
    }

    private static long TotalOf(StoredResponse stored) => stored.Partial?.Total ?? stored.Body.Length;

    private static string TotalText(StoredResponse stored) =>
        stored.Partial is { Total: null } ? "*" : TotalOf(stored).ToString(CultureInfo.InvariantCulture);

    private static void Head(HttpContext context, StoredResponse stored, int status, long? age, string cacheStatus)
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
            var isPart = status is StatusCodes.Status206PartialContent;
            foreach (var field in stored.Headers)
            {
                if (isPart ? !field.Is(HeaderNames.ContentRange) : BelongsIn304(field))
                {
                    headers.Append(field.Name, field.Value);
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
        ApplyClientCacheControl(headers, stored.ClientCacheControl, (age ?? 0) / 1000);
    }

    /// <summary>Setting costs half of appending, and only a name that comes twice needs that.</summary>
    private static void AddFields(IHeaderDictionary headers, StoredResponse stored)
    {
        if (stored.HasRepeatedNames)
        {
            AddFields(headers, stored.Headers);
            return;
        }

        foreach (var field in stored.Headers)
        {
            headers[field.Name] = field.Value;
        }
    }

    private static Task BodyAsync(HttpContext context, bool isHead, BodySegments body, long offset, long count)
    {
        if (isHead || count == 0)
        {
            return Task.CompletedTask;
        }

        if (body.Segments.Length == 1)
        {
            // Head and body in one piece, without a copy in between; a client that is gone is noticed by the server itself.
            var written = context.Response.BodyWriter.WriteAsync(body.Segments[0].Slice((int)offset, (int)count));
            return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
        }

        return LargeBodyAsync(context, body, offset, count);
    }

    /// <summary>Segment by segment, each awaited: a slow client holds one segment of the server's buffers, and the shared body by reference.</summary>
    private static async Task LargeBodyAsync(HttpContext context, BodySegments body, long offset, long count)
    {
        for (var i = 0; i < body.Segments.Length && count > 0; i++)
        {
            var segment = body.Segments[i];
            if (offset >= segment.Length)
            {
                offset -= segment.Length;
                continue;
            }

            var part = segment.Slice((int)offset, (int)Math.Min(segment.Length - offset, count));
            offset = 0;
            count -= part.Length;
            try
            {
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static string Forwarded(StoredResponse response, int status, bool stored, bool isLeader, Reason reason) =>
        CacheStatusField.Forward(ForwardToken(reason), status, stored, !isLeader, response.Freshness.Lifetime / 1000, isLeader ? reason : Reason.Collapsed);

    private static string ForwardToken(Reason reason) => CacheStatusField.Fwd(reason);

    private static void StreamHead(CacheRequest request, FillHead head, bool isLeader, Reason reason)
    {
        var response = request.Context.Response;
        var headers = response.Headers;
        response.StatusCode = head.Status;
        AddFields(headers, isLeader ? head.OriginHeaders : head.Response!.Headers);
        if (head.Response is { } shared)
        {
            var age = isLeader ? OriginAge(head) : shared.Freshness.InitialAge;
            headers.Remove(HeaderNames.Age);
            if (age is { } milliseconds)
            {
                headers.Age = (milliseconds / 1000).ToString(CultureInfo.InvariantCulture);
            }

            headers.Append("Cache-Status", Forwarded(shared, head.Status, stored: true, isLeader, reason));
            ApplyClientCacheControl(headers, shared.ClientCacheControl, (age ?? 0) / 1000);
        }
        else
        {
            headers.Append("Cache-Status", CacheStatusField.Forward(ForwardToken(reason), head.Status, stored: false, collapsed: false, null, head.Reason));
        }
    }

    /// <summary>RFC 9111 5.1: an answer that comes straight from the origin has the Age that came with it, or none.</summary>
    private static long? OriginAge(FillHead head) =>
        Array.Exists(head.OriginHeaders, field => field.Is(HeaderNames.Age)) ? head.Response!.Freshness.InitialAge : null;

    private long AgeOf(StoredResponse response) => response.Freshness.AgeAt(Instant.MonotonicNow(time));

    /// <summary>Body bytes of an answer with a length of its own.</summary>
    private static long Sent(CacheRequest request) => Sent(request.Context, request.Facts.IsHead);

    private static long Sent(HttpContext context, bool isHead) =>
        isHead || context.Response.StatusCode == StatusCodes.Status304NotModified ? 0 : context.Response.ContentLength ?? 0;

    private async Task RecordAfterAsync(
        Task writing, HttpContext context, CachePolicy policy, bool isHead, StoredResponse stored, Reason reason, ServedFrom from, long startedAt)
    {
        try
        {
            await writing;
        }
        finally
        {
            RecordHit(context, policy, isHead, stored, reason, from, startedAt);
        }
    }

    private void RecordHit(HttpContext context, CachePolicy policy, bool isHead, StoredResponse stored, Reason reason, ServedFrom from, long startedAt) =>
        traffic.Record(policy, context.Response.StatusCode == StatusCodes.Status304NotModified ? ServedFrom.Client : from, reason, Sent(context, isHead), startedAt, stored);

    private void Record(CacheRequest request, FillHead head, bool isLeader, Reason reason, long bytes) => traffic.Record(
        request.Policy, isLeader ? ServedFrom.Origin : ServedFrom.Collapsed, isLeader ? reason : Reason.Collapsed, bytes, request.StartedAt, head.Response, request.Key);
}
