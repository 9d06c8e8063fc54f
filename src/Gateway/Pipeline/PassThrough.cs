using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Interim;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Storage;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Pipeline;

/// <summary>
/// Forwards a request on the client's own context, untouched and unbuffered. Where a policy matched, the answer is still judged, and what
/// turns out to be storable is stored while it passes (hit-for-miss); nobody ever waits for such a request.
/// </summary>
internal sealed class PassThrough(
    ResponseAdmission admission, UnstoredAnswers unstored, TagEpochs epochs, FillBudget budget, ResponseSender sender, TrafficRecorder traffic,
    StatusKey statusKey, TimeProvider time, OriginFailureLog failures, GatewayMetrics metrics)
{
    private readonly PassServices _services = new(admission, unstored, epochs, budget, statusKey, metrics, time);

    /// <summary>Forwards; the answer is not looked at.</summary>
    public async Task ForwardAsync(HttpContext context, RequestDelegate next, KeyedRequest keyed)
    {
        var (policy, rules, reason) = (keyed.Policy, keyed.Forwarding, keyed.Pass!.Value);
        var startedAt = traffic.Timestamp();
        var interim = InterimClient.For(context, time);
        var forward = new ForwardFeature
        {
            Policy = policy,
            TimedBy = rules,
            Dropped = rules?.DropRequestHeaders ?? [],
            Interim = interim,
            OnResponse = (http, _) =>
            {
                Pass(http, rules, Passed(reason));
                return ValueTask.CompletedTask;
            },
        };
        context.Features.Set(forward);
        if (rules is not null)
        {
            TrustedFields.Drop(context.Request.Headers, rules);
        }

        if (rules is { Compress: true })
        {
            OwnTags.Restore(context.Request);
        }

        LongLived.LiftTimeout(context);
        await using (interim)
        {
            await next(context);
        }

        if (!await FinishAsync(context, policy, forward, reason))
        {
            Record(context, policy, reason, startedAt, forward);
        }
    }

    /// <summary>Forwards; a storable answer is stored as it passes, and a HEAD freshens or drops what is stored (RFC 9111 4.3.5).</summary>
    public async Task ForwardAndStoreAsync(CacheRequest request, StoredResponse? stored, Reason reason)
    {
        var context = request.Context;
        var forward = new PassingAnswer(_services, request, stored, reason);
        // What comes back may be stored under the key: the origin is asked for what is keyed, as in a fetch of its own.
        TrustedFields.Drop(context.Request.Headers, request.Policy);
        ForwardedFields.Keep(context.Request.Headers, request.Policy, request.Key.Resource.Authority, ForwardedFields.AffinityOf(context));
        if (request.Policy.Compress)
        {
            OwnTags.Restore(context.Request);
        }

        context.Request.QueryString = new QueryString(TargetParts.Query(request.Key.Resource.Target).ToString());
        context.Features.Set<ForwardFeature>(forward);
        using (forward)
        {
            await using (forward.Interim)
            {
                await request.Next(context);
            }

            await forward.EndAsync();
        }

        var failure = HasFailed(context, forward) ? Failure(context, forward).Reason : (Reason?)null;
        if ((forward.Stale ?? (failure is { } failed ? forward.StandIn(failed) : null)) is { } stale)
        {
            // What went wrong is told and counted all the same.
            if (failure is { } told)
            {
                OriginFailure.Count(traffic.Of(request.Policy), told, forward);
                failures.Tell(context, told);
            }

            AnswerHead.TakeBack(context.Response);
            await sender.SendStoredAsync(request, stored!, stale);
            return;
        }

        if (!await FinishAsync(context, request.Policy, forward, reason))
        {
            Record(context, request.Policy, forward.Counted, request.StartedAt, forward, request.Key);
        }
    }

    /// <summary>The request came back to the gateway that sent it: it goes no further.</summary>
    public Task RefuseLoopAsync(HttpContext context)
    {
        failures.TellLoop();
        return sender.SendFailureAsync(context, null, StatusCodes.Status508LoopDetected, Reason.Loop);
    }

    /// <summary>
    /// Counts a request that passed. A HEAD for which nothing was stored is a miss as a GET would be, for where something is it is a hit; other methods that are not stored have no
    /// <paramref name="key"/>. Bytes are those that came; of a stream by its nature, whose pieces nobody
    /// counts, those that its length promised, and else none.
    /// </summary>
    public void Record(HttpContext context, CachePolicy? policy, Reason reason, long startedAt, ForwardFeature forward, CacheKey? key = null) => traffic.Record(
        policy, key is not null && reason == Reason.MethodNotCacheable ? ServedFrom.Origin : ServedFrom.Passed, reason, BytesOf(context, forward), startedAt, key: key);

    private static long BytesOf(HttpContext context, ForwardFeature forward) =>
        HttpMethods.IsHead(context.Request.Method) || context.Response.StatusCode == StatusCodes.Status304NotModified ? 0
        : forward.IsEndless ? context.Response.ContentLength ?? 0
        : forward.Received;

    /// <summary>
    /// Where no answer of the origin came, or one that broke before its first byte, YARP has set a status and nothing else: says what happened.
    /// True = it did, and the request is counted as failed.
    /// </summary>
    /// <param name="context">The client's.</param>
    /// <param name="policy">Under which it is counted.</param>
    /// <param name="forward">What forwarding told.</param>
    /// <param name="asked">Why the origin was asked.</param>
    public async ValueTask<bool> FinishAsync(HttpContext context, CachePolicy? policy, ForwardFeature forward, Reason asked)
    {
        if (!HasFailed(context, forward))
        {
            if (forward is { Answered: true, Error.Error: ForwarderError.ResponseBodyDestination })
            {
                failures.TellTruncated(policy?.Name ?? "(none)", forward.Error.Error.ToString());
                OriginFailure.Count(traffic.Of(policy), Reason.OriginTruncated, forward);
            }

            return false;
        }

        var failure = Failure(context, forward);
        OriginFailure.Count(traffic.Of(policy), failure.Reason, forward);
        failures.Tell(context, failure.Reason);
        await sender.SendFailureAsync(context, policy, failure.Status, failure.Reason, asked);
        return true;
    }

    /// <summary>What is said of it.</summary>
    private static (int Status, Reason Reason) Failure(HttpContext context, ForwardFeature forward) =>
        forward.Answered ? (StatusCodes.Status502BadGateway, Reason.OriginTruncated) : OriginFailure.Of(context.Response.StatusCode, forward.Refusal, forward.IsMalformed);

    /// <summary>No answer came, or one that broke before its first byte, and the client still waits for one.</summary>
    private static bool HasFailed(HttpContext context, ForwardFeature forward) =>
        (forward.Error is not null || (!forward.Answered && context.Response.StatusCode >= 500))
        && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && !IsClientsFault(forward) && !IsAnsweredEarly(context, forward);

    /// <summary>
    /// The origin answered before it had the whole request, and needed no more of it (RFC 9113 8.1): that the rest could not be sent is no failure. Its
    /// answer stands, unless YARP took it back, which shows in the status.
    /// </summary>
    private static bool IsAnsweredEarly(HttpContext context, ForwardFeature forward) =>
        forward is { Answered: true, Error.Error: ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient or ForwarderError.RequestBodyDestination }
        && context.Response.StatusCode == forward.OriginStatus;

    /// <summary>
    /// The client's own fault, with the status that says so (400, 408, 413). An HTTP/2 origin that gives up its stream ends the reading of the client's body, and
    /// YARP takes that for the same.
    /// </summary>
    private static bool IsClientsFault(ForwardFeature forward) => forward.IsClientSilent
        || (forward.Error is { Error: ForwarderError.RequestBodyClient } error && error.Exception is not AggregateException { InnerExceptions: [OperationCanceledException, HttpRequestException] });

    /// <summary>What the gateway does to a head that goes on to the client: takes the tags off, unless the policy forwards them, and says what it did.</summary>
    public static void Pass(HttpContext context, CachePolicy? policy, string cacheStatus)
    {
        var headers = context.Response.Headers;
        if (policy is { ForwardTags: false })
        {
            KeepTags(headers);
        }

        headers.Append("Cache-Status", cacheStatus);
    }

    /// <summary>Fields with tags are for this cache; clients do not get them.</summary>
    public static void KeepTags(IHeaderDictionary headers)
    {
        foreach (var name in AnswerFields.Tags)
        {
            headers.Remove(name);
        }
    }

    /// <summary>Cache-Status of a request that only passed.</summary>
    public static string Passed(Reason reason) => CacheStatusField.Passed(reason, null);
}
