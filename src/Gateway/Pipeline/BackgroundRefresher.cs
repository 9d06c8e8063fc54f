using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// Refreshes a stale response while clients are served from it (RFC 5861 3): through the same fetch path as everything else, one at a time
/// for each key, and at most one attempt a second while the origin fails.
/// </summary>
internal sealed class BackgroundRefresher(FillGate gate, OriginFetch fetch, TagEpochs epochs, TimeProvider time)
{
    private const long Pause = 1000;
    private const int Slots = 4096;

    private readonly long[] _notBefore = new long[Slots];

    public void Start(CacheRequest request, StoredResponse stale)
    {
        var now = Instant.MonotonicNow(time);
        ref var notBefore = ref _notBefore[request.Key.Text.GetHashCode(StringComparison.Ordinal) & (Slots - 1)];
        var expected = Volatile.Read(ref notBefore);
        if (now < expected || Interlocked.CompareExchange(ref notBefore, now + Pause, expected) != expected)
        {
            return;
        }

        var gateKey = GateKey.Of(request);
        var (entry, fill) = gate.Join(gateKey, request.Key, request.Policy, stale, mustBeNew: false, background: true, isStored: () => false);
        if (entry == FillEntry.New)
        {
            var detached = DetachedContext.Capture(request.Context, fill!, epochs);
            fetch.Start(fill!, detached, new FillContext(request.Facts, detached.Headers, request.NotAfter), request.Next);
        }
        else
        {
            fill?.Leave();
        }
    }
}
