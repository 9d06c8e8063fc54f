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
        var startedAt = time.GetTimestamp();
        if (loop.IsLoop(request.Headers))
        {
            return pass.RefuseLoopAsync(context);
        }

        // Over HTTP/2 a connection that becomes a WebSocket is a method (RFC 8441), and goes by the rules that it has over HTTP/1.1.
        if (request.Method is not ("GET" or "HEAD" or "CONNECT"))
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
                : pass.ForwardAsync(context, next, keyed);
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
            StartedAt = startedAt,
            Known = store.Find(key.Text),
            NotAfter = keyed.NotAfter,
        };
        var selected = Select(found);
        return store.IsShared && RequestDecision.AsksShared(selected.Stored, selected.IsRemembered, facts, selected.Liveness, selected.Now)
            ? ActAfterSharedAsync(found, selected.Stored)
            : ActAsync(found, selected);
    }

    /// <summary>
    /// The response that the request selects among those known of, unless an invalidation killed it. Whether the node trusts itself is asked first: a sync brings the marks before it vouches for the
    /// node, so whoever finds it trusted sees them.
    /// </summary>
    private Selected Select(CacheRequest request)
    {
        var now = Instant.MonotonicNow(time);
        var isTrusted = epochs.IsTrusted(now, request.Policy.MaxBlind);
        var liveness = Liveness.Alive;
        var stored = request.Known is null ? null : LiveSelection.Find(epochs, request.Known, request, out liveness);
        return new Selected(stored, liveness, isTrusted, request.Known is null && uncacheable.IsRemembered(request.Key, request.Policy, now), now);
    }

    /// <summary>
    /// The wait ends by the time limit of reads at the latest. What was found is judged after it, by all marks that were raised up to then.
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
            var selected = Select(request);
            request.IsFromShared = !ReferenceEquals(selected.Stored, before);
            await ActAsync(request, selected);
        }
    }

    private Task ActAsync(CacheRequest request, in Selected selected)
    {
        // decide
        var stored = selected.Stored;
        var decision = RequestDecision.For(
            stored, request.Known is not null, selected.IsRemembered, request.Facts, request.Policy, selected.Liveness, selected.IsTrusted, selected.Now);

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

    /// <param name="Stored">What the request selects; null where that is dead.</param>
    /// <param name="Liveness">Of what it selected.</param>
    /// <param name="IsTrusted">Whether this node could know of every invalidation, before it looked.</param>
    /// <param name="IsRemembered">Whether nothing is stored under the key, which is remembered as not storable.</param>
    /// <param name="Now">When it looked, in monotonic milliseconds.</param>
    private readonly record struct Selected(StoredResponse? Stored, Liveness Liveness, bool IsTrusted, bool IsRemembered, long Now);
}
