using System.Globalization;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Answers clients from the store (<see cref="StoredWriter"/>) and from fills as they grow, and with the gateway's own failures as problem details
/// (RFC 9457) with Proxy-Status (RFC 9209); each answer is counted here.
/// </summary>
internal sealed class ResponseSender(TrafficRecorder traffic, MemoryTier memory, GatewayLimits limits, StatusKey statusKey, TimeProvider time)
{
    /// <summary>Answers from the store.</summary>
    public Task SendStoredAsync(CacheRequest request, StoredResponse stored, ServeDecision decision) =>
        SendStoredAsync(request.Context, request.Policy, request.Facts, stored, decision.Reason, request.IsFromShared ? ServedFrom.Redis : ServedFrom.Memory,
            request.StartedAt, Instant.MonotonicNow(time));

    /// <summary>The same at <paramref name="now"/> (monotonic milliseconds). For the usual answer it allocates nothing.</summary>
    public Task SendStoredAsync(
        HttpContext context, CachePolicy policy, in RequestFacts facts, StoredResponse stored, Reason reason, ServedFrom from, long startedAt, long now)
    {
        var freshness = stored.Freshness;
        var age = freshness.AgeAt(now);
        var cacheStatus = statusKey.On(CacheStatusField.Hit((freshness.Lifetime - age) / 1000, reason), stored);
        var writing = StoredWriter.WriteAsync(context, memory, facts, stored, age, cacheStatus);
        if (!writing.IsCompletedSuccessfully)
        {
            return RecordAfterAsync(writing, context, policy, stored, reason, from, startedAt);
        }

        RecordHit(context, policy, stored, reason, from, writing.Result, startedAt);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Serves a request from a fill: whole when the whole is there or needed, else streamed as it grows. False when the first bytes are gone.
    /// </summary>
    public async Task<bool> SendFillAsync(CacheRequest request, Fill fill, FillHead head, bool isLeader, Reason reason)
    {
        if (head.Kind is FillKind.Stored or FillKind.Withdrawn)
        {
            if (isLeader)
            {
                AddWithheld(request, head);
            }

            var refreshed = ToldTo(isLeader, head);
            var sent = await StoredWriter.WriteAsync(request.Context, memory, request.Facts, refreshed, AgeOf(refreshed), Forwarded(request, refreshed, 304, head.Kind == FillKind.Stored, isLeader, reason));
            Record(request, head, isLeader, reason, sent);
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
                var sent = await StoredWriter.WriteAsync(request.Context, memory, request.Facts, finished, isLeader ? OriginAge(head) : AgeOf(finished), Forwarded(request, finished, finished.Status, stored: true, isLeader, reason));
                Record(request, head, isLeader, reason, sent);
                return true;
            }

            if (!request.Policy.Compress && Preconditions.Evaluate(request.Facts, response) == PreconditionOutcome.NotModified)
            {
                if (isLeader)
                {
                    AddWithheld(request, head);
                }

                StoredWriter.Head(request.Context, ToldTo(isLeader, head), StatusCodes.Status304NotModified, isLeader ? OriginAge(head) : AgeOf(response), Forwarded(request, response, head.Status, stored: true, isLeader, reason));
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
    /// <param name="context">Not answered yet.</param>
    /// <param name="policy">Under which it is counted.</param>
    /// <param name="status">500 or more.</param>
    /// <param name="reason">What failed.</param>
    /// <param name="asked">Why the origin was asked; null where it was not.</param>
    public Task SendFailureAsync(HttpContext context, CachePolicy? policy, int status, Reason reason, Reason? asked = null)
    {
        traffic.Record(policy, ServedFrom.Failed, reason, 0, traffic.Timestamp());
        var (title, proxyError) = reason switch
        {
            // No type of RFC 9209 fits what the client itself ruled out: nothing failed, and nothing was denied. Cache-Status says it.
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
        AnswerHead.TakeBack(response);
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.Headers["Cache-Status"] = CacheStatusField.Forward(CacheStatusField.Fwd(asked ?? reason), null, stored: false, collapsed: false, null, reason);
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

    private static bool NeedsWhole(CacheRequest request, StoredResponse response) =>
        request.Policy.Compress || (request.Policy.GenerateETag && response.ETag is null) || (request.Facts.Range is not null && request.Policy.RangeFetchWhole > 0);

    private static StoredResponse ToldTo(bool isLeader, FillHead head) => isLeader && head.LeaderCacheControl is null ? head.Response!.InOriginsWords() : head.Response!;

    /// <summary>What was withheld from storage (cookies, private fields) belongs to the client that caused the fetch.</summary>
    private static bool HasMoreForLeader(FillHead head) => Array.Exists(head.OriginHeaders, field => IsForLeader(field, head));

    private static void AddWithheld(CacheRequest request, FillHead head)
    {
        foreach (var field in head.OriginHeaders)
        {
            if (IsForLeader(field, head))
            {
                StoredWriter.Add(request.Context.Response.Headers, field);
            }
        }
    }

    private static bool IsForLeader(HeaderField field, FillHead head) => !field.Is(HeaderNames.Age) && Array.IndexOf(head.Response!.Headers, field) < 0;

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

    private string Forwarded(CacheRequest request, StoredResponse response, int status, bool stored, bool isLeader, Reason reason) => statusKey.On(
        CacheStatusField.Forward(CacheStatusField.Fwd(reason), status, stored, !isLeader, CacheStatusField.Left(response.Freshness, AgeOf(response)), isLeader ? reason : Reason.Collapsed),
        request.Key);

    private void StreamHead(CacheRequest request, FillHead head, bool isLeader, Reason reason)
    {
        var response = request.Context.Response;
        var headers = response.Headers;
        response.StatusCode = head.Status;
        StoredWriter.AddFields(headers, isLeader ? head.OriginHeaders : head.Response?.Headers ?? head.Error!.Headers);
        if (head.Response is { } shared)
        {
            var age = isLeader ? OriginAge(head) : AgeOf(shared);
            headers.Remove(HeaderNames.Age);
            if (age is { } milliseconds)
            {
                headers.Age = (milliseconds / 1000).ToString(CultureInfo.InvariantCulture);
            }

            headers.Append("Cache-Status", Forwarded(request, shared, head.Status, stored: true, isLeader, reason));
            StoredWriter.ApplyClientCacheControl(headers, isLeader ? head.LeaderCacheControl : shared.ClientCacheControl, (age ?? 0) / 1000);
        }
        else
        {
            StoredWriter.ApplyClientCacheControl(headers, head.LeaderCacheControl);
            headers.Append("Cache-Status", statusKey.On(CacheStatusField.Forward(CacheStatusField.Fwd(reason), head.Status, stored: false, collapsed: !isLeader, null, head.Reason), request.Key));
        }
    }

    /// <summary>RFC 9111 5.1: an answer that comes straight from the origin has the Age that came with it, or none.</summary>
    private static long? OriginAge(FillHead head) =>
        Array.Exists(head.OriginHeaders, field => field.Is(HeaderNames.Age)) ? head.Response!.Freshness.InitialAge : null;

    private long AgeOf(StoredResponse response) => response.Freshness.AgeAt(Instant.MonotonicNow(time));

    private async Task RecordAfterAsync(
        ValueTask<long> writing, HttpContext context, CachePolicy policy, StoredResponse stored, Reason reason, ServedFrom from, long startedAt)
    {
        var sent = 0L;
        try
        {
            sent = await writing;
        }
        finally
        {
            RecordHit(context, policy, stored, reason, from, sent, startedAt);
        }
    }

    private void RecordHit(HttpContext context, CachePolicy policy, StoredResponse stored, Reason reason, ServedFrom from, long sent, long startedAt) =>
        traffic.Record(policy, context.Response.StatusCode == StatusCodes.Status304NotModified ? ServedFrom.Client : from, reason, sent, startedAt, stored);

    private void Record(CacheRequest request, FillHead head, bool isLeader, Reason reason, long bytes) => traffic.Record(
        request.Policy, isLeader ? ServedFrom.Origin : ServedFrom.Collapsed, isLeader ? reason : Reason.Collapsed, bytes, request.StartedAt, head.Response, request.Key);
}
