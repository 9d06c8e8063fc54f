using CacheGateway.Diagnostics;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Refreshes a response while clients are served from it: a stale one (RFC 5861 3), and a hot one before it expires. Through the same fetch path as
/// everything else, one at a time for each key, and at most one attempt a second while the origin fails.
/// </summary>
internal sealed class BackgroundRefresher(FillGate gate, OriginFetch fetch, RefreshBudget budget, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>Hits of a response since it was stored, from which on it is hot.</summary>
    private const int HotHits = 10;

    private const long Pause = 1000;
    private const int Slots = 4096;

    private readonly long[] _notBefore = new long[Slots];

    /// <summary>Whether a hit on it should refresh it: hot, and in the last part of its lifetime. For all others one comparison of numbers at hand.</summary>
    public static bool IsDue(StoredResponse fresh, CachePolicy policy, long remainingMs) =>
        remainingMs < fresh.Freshness.Lifetime * policy.RefreshAhead && fresh.Hits >= HotHits;

    public void Start(CacheRequest request, StoredResponse stale)
    {
        if (TryClaim(request.Key) && !gate.IsUnderWay(GateKey.Of(request)))
        {
            Refresh(request, stale);
        }
    }

    /// <summary>A hit on a response that is due (<see cref="IsDue"/>): refreshed, so that no client has to wait when it expires, if the budget for such favours allows.</summary>
    public void StartAhead(CacheRequest request, StoredResponse fresh)
    {
        if (!TryClaim(request.Key) || gate.IsUnderWay(GateKey.Of(request)) || IsImmutable(fresh))
        {
            return;
        }

        if (!budget.TryTake())
        {
            metrics.RefreshedAhead("over-budget");
            return;
        }

        metrics.RefreshedAhead("started");
        Refresh(request, fresh);
    }

    /// <summary>RFC 8246 2: its origin says that asking again is of no use before it expires.</summary>
    private static bool IsImmutable(StoredResponse fresh) =>
        ResponseDirectives.Parse(fresh.Headers.Where(field => field.Is("Cache-Control")).Select(field => field.Value)).Immutable;

    /// <summary>Whether it is this caller's turn for the key: once a second, whoever asks.</summary>
    private bool TryClaim(CacheKey key)
    {
        var now = Instant.MonotonicNow(time);
        ref var notBefore = ref _notBefore[key.Text.GetHashCode(StringComparison.Ordinal) & (Slots - 1)];
        var expected = Volatile.Read(ref notBefore);
        return now >= expected && Interlocked.CompareExchange(ref notBefore, now + Pause, expected) == expected;
    }

    private void Refresh(CacheRequest request, StoredResponse stored)
    {
        var gateKey = GateKey.Of(request);
        var (entry, fill) = gate.Join(gateKey, request.Key, request.Policy, stored, mustBeNew: false, background: true, caller: 0, static _ => false);
        if (entry == FillEntry.New)
        {
            fetch.Start(fill!, request);
        }
        else if (fill is not null)
        {
            gate.Leave(fill);
        }
    }
}
