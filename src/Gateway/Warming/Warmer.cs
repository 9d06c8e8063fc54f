using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Storage;

namespace CacheGateway.Warming;

/// <summary>
/// Asks for one target and waits until it is stored. It takes the way of every request: route, policy, key, look up, and one fill per key that
/// is fenced like any other; who asks at the same time joins it. Nobody reads the answer and it is not counted as a request.
/// </summary>
internal sealed class Warmer(
    PublicRoutes routes, RequestKeying keying, TieredStore store, TagEpochs epochs, FillGate gate, OriginFetch fetch, GatewayLimits limits, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>How often it turns to another fetch: one that it joined may turn out to be for another variant.</summary>
    private const int MaxTurns = 4;

    /// <summary>Goes on fetching when <paramref name="cancellation"/> ends the wait: others may have joined.</summary>
    public async Task<WarmResult> WarmAsync(WarmTarget target, CancellationToken cancellation)
    {
        var context = WarmContext.Create(target, scopes);
        if (!await routes.TryFindAsync(context))
        {
            return new WarmResult(WarmOutcome.Failed, 0, Reason.OriginUnreachable);
        }

        var keyed = keying.Of(context);
        if (keyed.Pass is { } pass)
        {
            return new WarmResult(WarmOutcome.NotStored, 0, pass);
        }

        var request = new CacheRequest
        {
            Context = context,
            Next = routes.Forward,
            Table = keyed.Table!,
            Policy = keyed.Policy!,
            Key = keyed.Key!,
            Facts = RequestReader.Read(context.Request),
            StartedAt = time.GetTimestamp(),
            Known = store.Find(keyed.Key!.Text),
            NotAfter = keyed.NotAfter,
        };
        if (!IsFresh(request) && store.IsShared)
        {
            request.Known = await store.FindSharedAsync(request.Key, request.Headers, request.Policy, Compression.Prepare);
        }

        if (IsFresh(request))
        {
            return new WarmResult(WarmOutcome.Fresh, 0);
        }

        for (var turn = 1; ; turn++)
        {
            var (result, isOwn) = await FetchAsync(request, cancellation);
            if (result is { Outcome: WarmOutcome.Failed, Reason: Reason.OriginChanged } && turn < MaxTurns)
            {
                // It confirmed another than what is stored, which is not asked to be confirmed again.
                request.Known = store.Find(request.Key.Text);
                continue;
            }

            if (isOwn || result.Outcome != WarmOutcome.Stored || turn == MaxTurns || IsFreshNow(request))
            {
                return result;
            }
        }
    }

    /// <summary>What became of one fetch, and whether it was made for this very request.</summary>
    private async Task<(WarmResult Result, bool IsOwn)> FetchAsync(CacheRequest request, CancellationToken cancellation)
    {
        var before = Selected(request);
        var (entry, fill) = gate.Join(
            GateKey.Of(request), request.Key, request.Policy, before, mustBeNew: false, background: true, (this, request), static caller => caller.Item1.IsFreshNow(caller.request));
        if (fill is null)
        {
            return (entry == FillEntry.Stored ? new WarmResult(WarmOutcome.Fresh, 0) : new WarmResult(WarmOutcome.Failed, 0, Reason.FillBudget), true);
        }

        try
        {
            if (entry == FillEntry.New)
            {
                fetch.Start(fill, request);
            }

            var head = await fill.HeadAsync().WaitAsync(cancellation);
            // What cannot be shared is settled by its head: the rest is for the client that caused the fetch, at that client's pace.
            var result = Judge(head, head.IsShareable && await IsStoredAsync(fill, cancellation));
            if (result.Outcome == WarmOutcome.NotStored && before is not null && epochs.Check(before) == Liveness.Dead)
            {
                // Cleared, and nothing takes its place: nobody will be served from it again.
                store.Remove(before);
            }

            return (result, entry == FillEntry.New);
        }
        finally
        {
            if (entry == FillEntry.Joined)
            {
                gate.Leave(fill);
            }
        }
    }

    /// <summary>
    /// Whether something is stored at the end of the fetch. While this waits for one that it joined, it counts as a reader, for whom a fetch goes on: it stops where a fetch would that
    /// goes on for nobody, for nobody reads the answer.
    /// </summary>
    private async Task<bool> IsStoredAsync(Fill fill, CancellationToken cancellation)
    {
        try
        {
            return await fill.DoneAsync().WaitAsync(limits.DesertedFill, time, cancellation) is not null;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static WarmResult Judge(FillHead head, bool isStored) => head.Kind switch
    {
        FillKind.Failed => new WarmResult(WarmOutcome.Failed, head.Status, head.Reason),
        _ when isStored => new WarmResult(WarmOutcome.Stored, head.Status),
        FillKind.Private when head.Status >= 500 => new WarmResult(WarmOutcome.Failed, head.Status, head.Reason),
        FillKind.Private or FillKind.Withdrawn => new WarmResult(WarmOutcome.NotStored, head.Status, head.Reason),

        // Judged storable by its head: it was cut, grew beyond its limit, was cleared meanwhile, or takes too long.
        _ => new WarmResult(WarmOutcome.NotStored, head.Status, Reason.ResponseIncomplete),
    };

    private static StoredResponse? Selected(CacheRequest request) =>
        request.Known is null ? null : VaryRules.Select(request.Known, request.Headers, request.Policy, request.Facts.Range);

    private bool IsFresh(CacheRequest request)
    {
        var now = Instant.MonotonicNow(time);
        return Selected(request) is { } stored && epochs.IsTrusted(now, request.Policy.MaxBlind) && epochs.Check(stored) == Liveness.Alive
            && !stored.Freshness.AlwaysValidate && stored.Freshness.IsFreshAt(now);
    }

    private bool IsFreshNow(CacheRequest request)
    {
        request.Known = store.Find(request.Key.Text);
        return IsFresh(request);
    }
}
