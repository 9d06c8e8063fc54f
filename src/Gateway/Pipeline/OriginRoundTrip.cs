using CacheGateway.Http;
using CacheGateway.Interim;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// A request that needs the origin and may share the answer: joins or starts a fill, waits for its head, and is served from it. What it may
/// not share, it fetches anew or passes on its own.
/// </summary>
internal sealed class OriginRoundTrip(
    FillGate gate, OriginFetch fetch, TieredStore store, TagEpochs epochs, ResponseSender sender, PassThrough pass, TimeProvider time)
{
    /// <summary>How often a request turns to another fill before it goes alone: after a failure, an invalidation or a variant that is not its own.</summary>
    private const int MaxTurns = 4;

    public Task FetchAsync(CacheRequest request, StoredResponse? stored, ServeDecision decision)
    {
        // A part can only be confirmed for who may have it: a 304 would answer all others with it.
        var validating = stored is { Partial: not null } && !Ranges.Answers(stored, request.Facts) ? null : stored;
        var asking = new Asking(GateKey.Of(request), validating, MustBeNew(request, stored, decision));
        var isTrusted = epochs.IsTrustedFor(request.Policy);
        request.Arrival = epochs.Now;
        return isTrusted && !WantsLater(request) ? TurnAsync(request, stored, decision, asking) : TurnAfterOlderAsync(request, stored, decision, asking);
    }

    /// <summary>One fetch at a time for a key, and each request is served from one that began after it came.</summary>
    private async Task TurnAfterOlderAsync(CacheRequest request, StoredResponse? stored, ServeDecision decision, Asking asking)
    {
        asking = asking with { After = gate.Last };
        if (gate.Before(asking.GateKey, asking.After) is { } older)
        {
            await gate.WaitForHeadAsync(older, WaitLimit(request), request.ClientGone);
        }

        await TurnAsync(request, stored, decision, asking);
    }

    /// <summary>Turns to the fill there is, or to one of its own.</summary>
    private Task TurnAsync(CacheRequest request, StoredResponse? stored, ServeDecision decision, in Asking asking)
    {
        if (request.ClientGone.IsCancellationRequested)
        {
            return Task.CompletedTask;
        }

        if (asking.Turns == MaxTurns)
        {
            return pass.ForwardAndStoreAsync(request, stored, Reason.HitForMiss);
        }

        var (entry, fill) = gate.Join(
            asking.GateKey, request.Key, request.Policy, asking.Validating, asking.MustBeNew, background: false,
            (RoundTrip: this, Request: request), static caller => caller.RoundTrip.Servable(caller.Request) is not null, asking.After);
        return entry switch
        {
            FillEntry.New => LeadAsync(request, stored, decision, fill!, asking.Turns),
            FillEntry.Joined => FollowAsync(request, stored, decision, fill!, asking),
            FillEntry.Crowded => sender.SendFailureAsync(request.Context, request.Policy, StatusCodes.Status503ServiceUnavailable, Reason.OriginBusy, decision.Reason),
            FillEntry.Full => pass.ForwardAndStoreAsync(request, stored, Reason.FillBudget),
            // What is not servable any more came and went in this very moment.
            _ => Servable(request) is var (response, served)
                ? sender.SendStoredAsync(request, response, served)
                : TurnAsync(request, stored, decision, asking with { Turns = asking.Turns + 1 }),
        };
    }

    /// <summary>Starts a fill and is answered from it, whoever else joins.</summary>
    private async Task LeadAsync(CacheRequest request, StoredResponse? stored, ServeDecision decision, Fill fill, int turns)
    {
        FillHead? head;
        Turn judged;
        try
        {
            // An interim response comes before anything could judge it shareable: it is for this client alone.
            await using (fill.Interim = InterimClient.For(request.Context, time))
            {
                fetch.Start(fill, request);
                using (fill.LetLeaderGo(request.ClientGone))
                {
                    head = await fill.LeaderHead;
                }
            }

            judged = await JudgeAsync(request, fill, head, isNew: true, stored, failedBefore: false);
            if (judged == Turn.Serve && await sender.SendFillAsync(request, fill, head!, isLeader: true, decision.Reason))
            {
                return;
            }
        }
        finally
        {
            fill.LeaderLeft();
            gate.Leave(fill);
        }

        await (judged == Turn.Whole
            ? TurnAsync(request, stored, decision with { Reason = Reason.OriginChanged }, new Asking(fill.GateKey, null, MustBeNew: true) { Turns = turns + 1 })
            : GoOnAsync(request, head, judged, stored, decision));
    }

    /// <summary>Is answered from the fill of another, if that suits.</summary>
    private async Task FollowAsync(CacheRequest request, StoredResponse? stored, ServeDecision decision, Fill fill, Asking asking)
    {
        FillHead? head;
        Turn judged;
        try
        {
            head = await gate.WaitForHeadAsync(fill, WaitLimit(request), request.ClientGone);
            judged = await JudgeAsync(request, fill, head, isNew: false, stored, asking.FailedBefore);
            if (judged == Turn.Serve && await sender.SendFillAsync(request, fill, head!, isLeader: false, decision.Reason))
            {
                return;
            }
        }
        finally
        {
            // Whatever becomes of the request is no reason to read on for it.
            gate.Leave(fill);
        }

        switch (judged)
        {
            case Turn.Whole:
                decision = decision with { Reason = Reason.OriginChanged };
                asking = asking with { Validating = null, MustBeNew = false };
                break;
            case Turn.Later:
                asking = asking with { After = Math.Max(asking.After, fill.Number) };
                break;
            case Turn.Anew:
                asking = asking with { MustBeNew = true };
                break;
            case Turn.OtherVariant:
                asking = asking with { GateKey = GateKey.Of(request, head!.Response!) };
                break;
            case Turn.Again:
                asking = asking with { FailedBefore = true };
                break;
            default:
                await GoOnAsync(request, head, judged, stored, decision);
                return;
        }

        await TurnAsync(request, stored, decision, asking with { Turns = asking.Turns + 1 });
    }

    /// <summary>Ends a request that a fill did not answer, and that is not to try another.</summary>
    private Task GoOnAsync(CacheRequest request, FillHead? head, Turn judged, StoredResponse? stored, ServeDecision decision) => judged switch
    {
        Turn.Gone => Task.CompletedTask,
        Turn.TimedOut => pass.ForwardAndStoreAsync(request, stored, Reason.WaitTimeout),
        Turn.Alone => pass.ForwardAndStoreAsync(request, stored, Reason.HitForMiss),
        // It came too late for the first byte of a body that is not kept.
        Turn.Serve => pass.ForwardAndStoreAsync(request, stored, head!.Reason),
        Turn.StaleOnError => sender.SendStoredAsync(request, stored!, decision with { Action = ServeAction.Serve, Reason = Reason.StaleIfError }),
        _ => sender.SendFailureAsync(request.Context, request.Policy, head!.Status, head.Reason, decision.Reason),
    };

    /// <summary>How a request joins a fill, or has one made.</summary>
    /// <param name="GateKey">See <see cref="Pipeline.GateKey"/>.</param>
    /// <param name="Validating">Whose validators a fill of its own would carry.</param>
    /// <param name="MustBeNew">It may not share what was asked for before it came.</param>
    private readonly record struct Asking(string GateKey, StoredResponse? Validating, bool MustBeNew)
    {
        /// <summary>Only a fill with a higher number may be joined.</summary>
        public long After { get; init; }

        /// <summary>Fills it turned to before.</summary>
        public int Turns { get; init; }

        /// <summary>One of them failed, which was another's.</summary>
        public bool FailedBefore { get; init; }
    }

    private enum Turn
    {
        /// <summary>The client left.</summary>
        Gone,

        /// <summary>The wait took too long: it goes on its own.</summary>
        TimedOut,

        Serve,
        Alone,
        StaleOnError,
        Error,

        /// <summary>Once more without validators: the 304 was about something else, or about what is not stored any more, or about a part.</summary>
        Whole,

        /// <summary>Once more with a fetch that began after this one: an invalidation came between this one's start and the request. One fetch serves all to whom that happened.</summary>
        Later,

        /// <summary>Once more with a fetch of its own: what came may not be used without validation, which is each client's alone.</summary>
        Anew,

        OtherVariant,

        /// <summary>Once more: somebody else's fetch failed, which is no reason to fail all who waited for it.</summary>
        Again,
    }

    /// <summary>What was stored since the request looked, if it may simply be served.</summary>
    private (StoredResponse Response, ServeDecision Decision)? Servable(CacheRequest request)
    {
        var now = Instant.MonotonicNow(time);
        if (!epochs.IsTrusted(now, request.Policy.MaxBlind) || store.Find(request.Key.Text) is not { } variants
            || LiveSelection.Find(epochs, variants, request, out var liveness) is not { } stored || liveness != Liveness.Alive)
        {
            return null;
        }

        var decision = ServeDecision.For(stored, variantsExist: true, request.Facts, request.Policy, now);
        return decision.Action == ServeAction.Serve ? (stored, decision) : null;
    }

    /// <summary>What may never be used without validation is validated for each client by itself: nobody waits for an answer that is another's alone.</summary>
    private static bool MustBeNew(CacheRequest request, StoredResponse? stored, ServeDecision decision) =>
        decision.Reason == Reason.ResponseNoCache || stored is { Freshness.Lifetime: 0 }
        || (decision.Reason == Reason.RequestNoCache && HonoursReloads(request));

    /// <summary>What was asked for before the client came is older than max-age=0 allows (RFC 9111 5.2.1.1); what is asked for after it may be shared.</summary>
    private static bool WantsLater(CacheRequest request) => request.Facts.Directives.MaxAge == 0 && HonoursReloads(request);

    private static bool HonoursReloads(CacheRequest request) =>
        (request.Policy.ClientReload == ClientReload.Profile ? ProfileRules.For(request.Policy.Profile).ClientReload : request.Policy.ClientReload) == ClientReload.Honour;

    private static TimeSpan WaitLimit(CacheRequest request) =>
        request.Known is null ? request.Policy.CollapseWaitUnknown : request.Policy.CollapseWait;

    /// <summary>
    /// Whether an invalidation came between this fill's start and the request, and the names it must be compared with are known only when the
    /// body is whole.
    /// </summary>
    private static bool NeedsTagsOfBody(CacheRequest request, Fill fill, FillHead head) =>
        !fill.Epoch.Covers(request.Arrival) && head.Kind == FillKind.Storable && TagExpansion.ReadsBody(request.Policy);

    /// <summary>What to do, once what it is judged by is there.</summary>
    private ValueTask<Turn> JudgeAsync(CacheRequest request, Fill fill, FillHead? head, bool isNew, StoredResponse? stored, bool failedBefore) =>
        request.ClientGone.IsCancellationRequested ? ValueTask.FromResult(Turn.Gone)
        : head is null ? ValueTask.FromResult(Turn.TimedOut)
        : !NeedsTagsOfBody(request, fill, head) ? ValueTask.FromResult(Judge(request, fill, head, isNew, stored, failedBefore))
        : JudgeLaterAsync(request, fill, head, isNew, stored, failedBefore);

    private async ValueTask<Turn> JudgeLaterAsync(CacheRequest request, Fill fill, FillHead head, bool isNew, StoredResponse? stored, bool failedBefore) =>
        await gate.WaitForEndAsync(fill, WaitLimit(request), request.ClientGone) ? Judge(request, fill, head, isNew, stored, failedBefore)
        : request.ClientGone.IsCancellationRequested ? Turn.Gone
        : Turn.TimedOut;

    private Turn Judge(CacheRequest request, Fill fill, FillHead head, bool isNew, StoredResponse? stored, bool failedBefore)
    {
        var now = Instant.MonotonicNow(time);
        if (head.Kind == FillKind.Failed || (head.Kind == FillKind.Private && ServeDecision.IsErrorToStandInFor(head.Status)))
        {
            if (head.Reason == Reason.OriginChanged)
            {
                return Turn.Whole;
            }

            if (stored is not null && epochs.IsTrusted(now, request.Policy.MaxBlind) && epochs.Check(stored) is var liveness and not Liveness.Dead
                && ServeDecision.MayServeOnError(stored, request.Facts, request.Policy, now, disconnected: head.Kind == FillKind.Failed && OriginFailure.IsDisconnected(head.Reason), isSoft: liveness == Liveness.Soft))
            {
                return Turn.StaleOnError;
            }

            var isMine = isNew || failedBefore || (head.Kind == FillKind.Failed && OriginFailure.IsShared(head.Reason));
            return !isMine ? Turn.Again
                : head.Kind == FillKind.Failed ? Turn.Error
                : isNew || head.Error?.IsFor(request) == true ? Turn.Serve : Turn.Alone;
        }

        if (isNew)
        {
            return Turn.Serve;
        }

        if (head.Kind == FillKind.Withdrawn && Freshened.IsOutgrown(head.Reason))
        {
            // What was stored may not be stored as it was; the next fetch is, and is for all who wait.
            return Turn.Whole;
        }

        if (!head.IsShareable)
        {
            return Turn.Alone;
        }

        var response = head.Response!;
        if (response.Partial is not null && !Ranges.Answers(response, request.Facts))
        {
            return Turn.Whole;
        }

        var tags = NeedsTagsOfBody(request, fill, head) ? fill.Finished?.Tags : response.Tags;
        if (!fill.Epoch.Covers(request.Arrival) && (tags is null || epochs.Check(fill.Epoch, request.Key.Resource, tags) != Liveness.Alive))
        {
            return Turn.Later;
        }

        if (!VaryRules.Matches(response.Vary, request.Headers, request.Policy))
        {
            return Turn.OtherVariant;
        }

        // How long the origin took is no age for who waited as long: only the age that it gave counts, as for the client that caused the fetch.
        var freshness = response.Freshness with { InitialAge = Math.Max(0, response.Freshness.InitialAge - head.DelayMs) };
        if (!ServeDecision.MayServeUnvalidated(freshness, now))
        {
            return stored is null ? Turn.Alone : Turn.Anew;
        }

        return !response.IsSharedExplicitly && ProfileRules.CredentialsBarSharing(request.Facts, request.Policy, response.Vary) ? Turn.Alone : Turn.Serve;
    }
}
