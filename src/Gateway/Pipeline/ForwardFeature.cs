using CacheGateway.Interim;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Pipeline;

/// <summary>
/// What the forwarding of one request must know and tells back; set on the context (the client's own or a detached one) before YARP runs. A fetch is its own
/// (<see cref="FetchSink"/>).
/// </summary>
internal class ForwardFeature
{
    /// <summary>By which the request that is sent carries it to the handlers of its client.</summary>
    public static readonly HttpRequestOptionsKey<ForwardFeature> Key = new("cachegateway.forward");

    private DestinationPlaces? _place;

    /// <summary>Path and query to send; null = the client's request target byte for byte.</summary>
    public string? Target { get; init; }

    /// <summary>The policy whose rules about request headers hold, or null where nothing is cached.</summary>
    public CachePolicy? Policy { get; init; }

    /// <summary>The policy that says how long the origin may take, or null: that of the rules, unless another is named.</summary>
    public CachePolicy? TimedBy
    {
        get => field ?? Policy;
        init;
    }

    /// <summary>Request fields that do not go on, whoever wrote them.</summary>
    public IReadOnlyList<string> Dropped
    {
        get => field ?? Policy?.DropRequestHeaders ?? [];
        init;
    }

    /// <summary>Called with the origin's response before its head goes on; not called when none came.</summary>
    public Func<HttpContext, OriginResponse, ValueTask>? OnResponse { get; init; }

    /// <summary>Called when the whole of that response came and its trailers are about to go on, where the client can have any.</summary>
    public Func<ValueTask>? OnTrailers { get; init; }

    /// <summary>Sends interim responses to the client; closed before anything else is written to it.</summary>
    public InterimClient? Interim { get; init; }

    /// <summary>Who hears of interim responses, or null: that client, unless another is named.</summary>
    public IInterimListener? Listener
    {
        get => field ?? Interim;
        init;
    }

    /// <summary>How long the origin may take; null before a destination is chosen, and for a stream by its nature.</summary>
    public AnswerTimes? Times { get; set; }

    /// <summary>Whether the request has a body to send; known once a destination is chosen.</summary>
    public bool HasContent { get; set; }

    /// <summary>Whether the request has content and its answer may be a stream of events, among others: its time limits are the gateway's own.</summary>
    public bool MayBeEvents { get; set; }

    /// <summary>Limits the waits for the origin until the head of such an answer; null where YARP does.</summary>
    public HeadLimit? HeadLimit { get; set; }

    /// <summary>Whether reading the body has begun: it cannot be sent once more.</summary>
    public bool IsContentTaken { get; set; }

    /// <summary>Whether more of the request's content is awaited from the client: that nothing goes on is then no fault of the origin's.</summary>
    public bool AwaitsClient
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>Whether the last attempt ended by the client's silence, which it is answered 408 for.</summary>
    public bool IsClientSilent { get; set; }

    /// <summary>What measures that while an attempt is under way.</summary>
    public AnswerTimer? Timer { get; set; }

    /// <summary>Whether an answer of the origin was seen.</summary>
    public bool Answered
    {
        get;
        set
        {
            field = value;
            if (value)
            {
                OnAnswer?.Invoke();
            }
        }
    }

    /// <summary>The status of that answer; 0 before one was seen.</summary>
    public int OriginStatus { get; set; }

    /// <summary>The Host that the route writes, whoever asks; null where it writes none.</summary>
    public string? WrittenHost { get; set; }

    /// <summary>The Host that the destination is configured with; null where it has none.</summary>
    public string? DestinationHost { get; set; }

    /// <summary>What went wrong with the last attempt that reached a destination, or null.</summary>
    public IForwarderErrorFeature? Error { get; set; }

    /// <summary>The origin answered, but with what is no answer: a head that does not parse, or that no client may get.</summary>
    public bool IsMalformed
    {
        get => field || Error is { Error: ForwarderError.ResponseHeaders }
            or { Exception: HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } };
        set;
    }

    /// <summary>Called when an answer of the origin was seen, before anything of it goes on.</summary>
    public Action? OnAnswer { get; set; }

    /// <summary>Bytes of the origin's body that came so far; of an endless stream none are counted.</summary>
    public long Received { get; set; }

    /// <summary>A stream by its nature: no limit on its silences, no place among the requests under way.</summary>
    public bool IsEndless { get; set; }

    /// <summary>Where the request has its place among those under way; null while it has none.</summary>
    public DestinationPlaces? Place
    {
        get => _place;
        set => _place = value;
    }

    /// <summary>When the last piece of the body was handed on; 0 while the next one is awaited.</summary>
    public long HandedOnAt
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>The guard of the destination that was chosen for the attempt under way; null while none is.</summary>
    public DestinationGuard? Guard { get; set; }

    /// <summary>Whether the attempt goes beside that guard's breaker, which then hears of its end from outside.</summary>
    public bool IsBesideBreaker { get; set; }

    /// <summary>Whether the place knows that the body comes in several pieces.</summary>
    public bool IsSeen { get; set; }

    /// <summary>Why the origin was not asked at all, or null.</summary>
    public Reason? Refusal { get; set; }

    /// <summary>Whether the request may have reached the origin, by any of its attempts.</summary>
    public bool Sent { get; set; }

    /// <summary>The request as it was last sent, or null.</summary>
    public HttpRequestMessage? Request { get; set; }

    /// <summary>
    /// The attempt under way ended because the client fell silent inside its content: the exchange was given up while more of that was awaited. Of those that were waiting for it YARP names the
    /// one that noticed first.
    /// </summary>
    public bool IsClientsSilence(IForwarderErrorFeature? error) => AwaitsClient && !Answered && Timer is { IsGivenUp: true }
        && error is { Error: ForwarderError.RequestTimedOut or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient };

    /// <summary>The origin's response is here; its head goes on when this completes.</summary>
    public virtual ValueTask RespondedAsync(HttpContext context, OriginResponse response) => OnResponse?.Invoke(context, response) ?? ValueTask.CompletedTask;

    /// <summary>Whether nothing of that response goes on, because the client gets another in its place; known once it was told of.</summary>
    public virtual bool IsWithheld => false;

    /// <summary>More of the origin's body is not there yet.</summary>
    public virtual void FellSilent()
    {
    }

    /// <summary>Gives the place back, if there is one: at the end, when the answer turns out to have none, or when another needs it more.</summary>
    public void LeavePlace() => Interlocked.Exchange(ref _place, null)?.Leave(this);

    /// <summary>The attempt is over, however: its place and its timer are free, and what another destination answers is not about this one.</summary>
    public void EndAttempt()
    {
        LeavePlace();
        Timer?.Dispose();
        HeadLimit?.Dispose();
        (Timer, HeadLimit, Guard, OnAnswer, IsBesideBreaker) = (null, null, null, null, false);
    }

    /// <summary>So many bytes of the body go on to the client. A first piece is taken without waiting for it: the server has room for that.</summary>
    public void HandOn(int bytes)
    {
        if (Received > 0 && bytes > 0)
        {
            _place?.HandedOn(this);
        }

        Received += bytes;
    }
}
