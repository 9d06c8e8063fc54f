using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// The way of a request, step by step: match a policy, build the key, look up, decide, act. It holds no HTTP rule itself: those are pure
/// functions in Http/, and only <see cref="ResponseSender"/> and YARP write to a client.
/// </summary>
internal sealed class CacheMiddleware(
    RequestDelegate next, RequestKeying keying, TieredStore store, TagEpochs epochs,
    UncacheableMemory uncacheable, OriginRoundTrip roundTrip, PassThrough pass, UnsafeRequests unsafeRequests, BackgroundRefresher refresher,
    ResponseSender sender, LoopGuard loop, Shortcuts shortcuts, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var arrival = epochs.Now;
        var startedAt = time.GetTimestamp();
        if (loop.IsLoop(request.Headers))
        {
            return pass.RefuseLoopAsync(context);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            return RoutePath.LeadsAstray(context) ? RequestGuard.RefusePathAsync(context)
                : RequestDecision.FailsWithoutKey(keying.IsOff ? Reason.CacheOff : Reason.MethodNotCacheable, request) ? sender.SendFailureAsync(context, null, StatusCodes.Status504GatewayTimeout, Reason.OnlyIfCached)
                : unsafeRequests.ForwardAsync(context, next);
        }

        // match a policy and build the key
        var keyed = keying.Of(context);
        if (keyed.Pass is { } reason)
        {
            if (RoutePath.LeadsAstray(context))
            {
                // What could be read in two ways is never keyed.
                return RequestGuard.RefusePathAsync(context);
            }

            return RequestDecision.FailsWithoutKey(reason, request)
                ? sender.SendFailureAsync(context, keyed.Policy, StatusCodes.Status504GatewayTimeout, Reason.OnlyIfCached)
                : pass.ForwardAsync(context, next, keyed.Policy, reason);
        }

        var (policy, key) = (keyed.Policy!, keyed.Key!);

        // look up
        var facts = RequestReader.Read(request);
        var found = new CacheRequest
        {
            Context = context,
            Next = next,
            Table = keyed.Table!,
            Policy = policy,
            Key = key,
            Facts = facts,
            Arrival = arrival,
            StartedAt = startedAt,
            Known = store.Find(key.Text),
            NotAfter = keyed.NotAfter,
        };
        var stored = Select(found, out var liveness);
        return store.IsShared && RequestDecision.AsksShared(stored, found.Known is null && IsRemembered(found), facts, liveness, Instant.MonotonicNow(time)) ? ActAfterSharedAsync(found, stored) : ActAsync(found, stored, liveness);
    }

    /// <summary>The response that the request selects among those known of, unless an invalidation killed it.</summary>
    private StoredResponse? Select(CacheRequest request, out Liveness liveness)
    {
        liveness = Liveness.Alive;
        return request.Known is null ? null : LiveSelection.Find(epochs, request.Known, request, out liveness);
    }

    /// <summary>
    /// The wait ends by the time limit of reads at the latest. What was found is judged after it, by all marks that were raised up to then, the
    /// request's arrival among them.
    /// </summary>
    private async Task ActAfterSharedAsync(CacheRequest request, StoredResponse? before)
    {
        request.Known = await store.FindSharedAsync(request.Key, request.Headers, request.Policy, Compression.Prepare);
        if (EventThread.IsCurrent)
        {
            // The read had ended before it was waited for: what follows takes longer than to ask.
            await Task.Yield();
        }

        if (!request.ClientGone.IsCancellationRequested)
        {
            var stored = Select(request, out var liveness);
            request.IsFromShared = !ReferenceEquals(stored, before);
            await ActAsync(request, stored, liveness);
        }
    }

    private Task ActAsync(CacheRequest request, StoredResponse? stored, Liveness liveness)
    {
        // decide
        var now = Instant.MonotonicNow(time);
        var decision = RequestDecision.For(
            stored, request.Known is not null, request.Known is null && IsRemembered(request), request.Facts, request.Policy, liveness,
            epochs.IsTrusted(now, request.Policy.MaxBlind), now);

        // act
        switch (decision.Action)
        {
            case ServeAction.Serve:
                if (!request.Facts.Directives.NoStore && BackgroundRefresher.IsDue(stored!, request.Policy, decision.RemainingMs))
                {
                    refresher.StartAhead(request, stored!);
                }

                shortcuts.Keep(request);
                return sender.SendStoredAsync(request, stored!, decision);
            case ServeAction.ServeStaleAndRefresh:
                refresher.Start(request, stored!);
                return sender.SendStoredAsync(request, stored!, decision);
            case ServeAction.Fail:
                return sender.SendFailureAsync(request.Context, request.Policy, StatusCodes.Status504GatewayTimeout, decision.Reason);
            case ServeAction.Pass:
                return pass.ForwardAndStoreAsync(request, About(request, stored), decision.Reason);
            default:
                return roundTrip.FetchAsync(request, stored, decision);
        }
    }

    /// <summary>What the answer to a HEAD is about: what an origin says to one client's credentials says nothing of what everybody gets.</summary>
    private static StoredResponse? About(CacheRequest request, StoredResponse? stored) =>
        request.Facts.IsHead && ProfileRules.IsAnsweredAlone(request.Facts, request.Policy) ? null : stored;

    private bool IsRemembered(CacheRequest request) => uncacheable.IsRemembered(request.Key, request.Policy, Instant.MonotonicNow(time));
}
