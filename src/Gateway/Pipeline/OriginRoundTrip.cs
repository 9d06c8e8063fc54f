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

    public async Task FetchAsync(CacheRequest request, StoredResponse? stored, ServeDecision decision)
    {
        var validating = stored;
        var gateKey = GateKey.Of(request);
        var mustBeNew = MustBeNew(request, decision);
        var failedBefore = false;
        var after = 0L;
        if (!epochs.IsTrustedFor(request.Policy))
        {
            // One fetch at a time for a key, and each request is served from one that began after it came.
            after = gate.Last;
            if (gate.Before(gateKey, after) is { } older)
            {
                await gate.WaitForHeadAsync(older, WaitLimit(request), request.ClientGone);
            }
        }

        for (var turn = 0; turn < MaxTurns && !request.ClientGone.IsCancellationRequested; turn++)
        {
            (StoredResponse Response, ServeDecision Decision)? meanwhile = null;
            var (entry, entered) = gate.Join(
                gateKey, request.Key, request.Policy, validating, mustBeNew, background: false, () => (meanwhile = Servable(request)) is not null, after);
            if (meanwhile is var (response, served))
            {
                await sender.SendStoredAsync(request, response, served);
                return;
            }

            if (entry == FillEntry.Crowded)
            {
                await sender.SendFailureAsync(request.Context, request.Policy, StatusCodes.Status503ServiceUnavailable, Reason.OriginBusy);
                return;
            }

            if (entered is not { } fill)
            {
                await pass.ForwardAndStoreAsync(request, stored, Reason.FillBudget);
                return;
            }

            var isNew = entry == FillEntry.New;
            try
            {
                FillHead? head;
                await using (Listen(request, fill, isNew))
                {
                    if (isNew)
                    {
                        fetch.Start(fill, request);
                    }

                    using var gone = isNew ? fill.LetLeaderGo(request.ClientGone) : default;
                    head = isNew ? await fill.LeaderHead : await gate.WaitForHeadAsync(fill, WaitLimit(request), request.ClientGone);
                }

                if (request.ClientGone.IsCancellationRequested)
                {
                    return;
                }

                if (head is null || (NeedsTagsOfBody(request, fill, head) && !await gate.WaitForEndAsync(fill, WaitLimit(request), request.ClientGone)))
                {
                    await pass.ForwardAndStoreAsync(request, stored, Reason.WaitTimeout);
                    return;
                }

                switch (Judge(request, fill, head, isNew, stored, failedBefore))
                {
                    case Turn.Serve:
                        if (await sender.SendFillAsync(request, fill, head, isNew, decision.Reason))
                        {
                            return;
                        }

                        // It came too late for the first byte of a body that is not kept.
                        await pass.ForwardAndStoreAsync(request, stored, head.Reason);
                        return;
                    case Turn.Alone:
                        await pass.ForwardAndStoreAsync(request, stored, Reason.HitForMiss);
                        return;
                    case Turn.StaleOnError:
                        await sender.SendStoredAsync(request, stored!, decision with { Action = ServeAction.Serve, Reason = Reason.StaleIfError });
                        return;
                    case Turn.Error:
                        await sender.SendFailureAsync(request.Context, request.Policy, Math.Max(head.Status, 500), head.Kind == FillKind.Failed ? head.Reason : Reason.OriginFailed);
                        return;
                    case Turn.Whole:
                        decision = decision with { Reason = Reason.OriginChanged };
                        validating = null;
                        mustBeNew = isNew;
                        break;
                    case Turn.Anew:
                        mustBeNew = true;
                        break;
                    case Turn.OtherVariant:
                        gateKey = GateKey.Of(request, head.Response!);
                        break;
                    default:
                        failedBefore = true;
                        break;
                }
            }
            finally
            {
                if (isNew)
                {
                    fill.LeaderLeft();
                }

                fill.Leave();
            }
        }

        if (!request.ClientGone.IsCancellationRequested)
        {
            await pass.ForwardAndStoreAsync(request, stored, Reason.HitForMiss);
        }
    }

    private enum Turn
    {
        Serve,
        Alone,
        StaleOnError,
        Error,

        /// <summary>Once more without validators: the 304 was about something else.</summary>
        Whole,

        /// <summary>Once more with a fetch of its own time: an invalidation came between this fill's start and the request.</summary>
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
            || VaryRules.Select(variants, request.Headers, request.Policy, request.Facts.Range) is not { } stored
            || epochs.Check(stored) != Liveness.Alive)
        {
            return null;
        }

        var decision = ServeDecision.For(stored, variantsExist: true, request.Facts, request.Policy, now);
        return decision.Action == ServeAction.Serve ? (stored, decision) : null;
    }

    /// <summary>
    /// The client's place among those that hear of interim responses until the head is there. An interim response comes before anything could
    /// judge it shareable, so what the origin tells a client it knows by credentials is for that client alone.
    /// </summary>
    private InterimClient? Listen(CacheRequest request, Fill fill, bool isNew)
    {
        var hasCredentials = request.Facts.HasAuthorization || request.Facts.HasCookie;
        if (isNew)
        {
            fill.Interim.IsPersonal = hasCredentials;
        }
        else if (hasCredentials || fill.Interim.IsPersonal)
        {
            return null;
        }

        var client = InterimClient.For(request.Context, time);
        if (client is not null)
        {
            fill.Interim.Add(client);
        }

        return client;
    }

    private static bool MustBeNew(CacheRequest request, ServeDecision decision) =>
        decision.Reason == Reason.RequestNoCache
        && (request.Policy.ClientReload == ClientReload.Profile ? ProfileRules.For(request.Policy.Profile).ClientReload : request.Policy.ClientReload) == ClientReload.Honour;

    private static TimeSpan WaitLimit(CacheRequest request) =>
        request.Known is null ? request.Policy.CollapseWaitUnknown : request.Policy.CollapseWait;

    /// <summary>
    /// Whether an invalidation came between this fill's start and the request, and the names it must be compared with are known only when the
    /// body is whole.
    /// </summary>
    private static bool NeedsTagsOfBody(CacheRequest request, Fill fill, FillHead head) =>
        !fill.Epoch.Covers(request.Arrival) && head.Kind == FillKind.Storable && TagExpansion.ReadsBody(request.Policy);

    private Turn Judge(CacheRequest request, Fill fill, FillHead head, bool isNew, StoredResponse? stored, bool failedBefore)
    {
        var now = Instant.MonotonicNow(time);
        if (head.Kind == FillKind.Failed || (head.Kind == FillKind.Private && head.Status >= 500))
        {
            if (head.Reason == Reason.OriginChanged)
            {
                return Turn.Whole;
            }

            if (stored is not null && epochs.IsTrusted(now, request.Policy.MaxBlind) && ServeDecision.MayServeOnError(stored, request.Facts, request.Policy, now, disconnected: head.Kind == FillKind.Failed) && epochs.Check(stored) != Liveness.Dead)
            {
                return Turn.StaleOnError;
            }

            return isNew ? head.Kind == FillKind.Failed ? Turn.Error : Turn.Serve
                : failedBefore || (head.Kind == FillKind.Failed && OriginFailure.IsShared(head.Reason)) ? Turn.Error : Turn.Again;
        }

        if (isNew)
        {
            return Turn.Serve;
        }

        if (!head.IsShareable)
        {
            return Turn.Alone;
        }

        var response = head.Response!;
        var tags = NeedsTagsOfBody(request, fill, head) ? fill.Finished?.Tags : response.Tags;
        if (!fill.Epoch.Covers(request.Arrival) && (tags is null || epochs.Check(fill.Epoch, request.Key.Resource, tags) != Liveness.Alive))
        {
            return Turn.Anew;
        }

        if (!VaryRules.Matches(response.Vary, request.Headers, request.Policy))
        {
            return Turn.OtherVariant;
        }

        var hasCredentials = request.Facts.HasAuthorization || request.Facts.HasCookie;
        return hasCredentials && request.Policy.Key.Identity == IdentityRule.None && !response.IsSharedExplicitly ? Turn.Alone : Turn.Serve;
    }
}
