using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Operations.Alerts;

/// <summary>Reads the facts that rules judge; keeps what it saw a minute ago, to tell what happened since.</summary>
internal sealed class GatewayFactReader(
    MemoryTier memory, MemoryPressure pressure, TagEpochs epochs, IPolicySource policies, GatewayMetrics metrics, TimeProvider time,
    RedisConnection? redis = null, RedisGuard? guard = null)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Queue<(long At, long Evicted, long Invalidations)> _past = new();

    /// <summary>Called by one timer alone.</summary>
    public GatewayFacts Read()
    {
        var now = time.GetTimestamp();
        while (_past.Count > 1 && time.GetElapsedTime(_past.Peek().At, now) > Minute)
        {
            _past.Dequeue();
        }

        _past.Enqueue((now, memory.Evicted, metrics.Invalidations));
        var before = _past.Peek();
        return new GatewayFacts(
            redis is not null, redis is { IsConnected: false } || guard is { IsClosed: false }, BusLag, memory.Bytes, memory.Reserved, pressure.Configured,
            memory.Evicted - before.Evicted, pressure.IsUnderPressure, (policies as PolicyFile)?.LastErrors.Count ?? 0, metrics.Invalidations - before.Invalidations);
    }

    /// <summary>Zero without a bus: nothing can be missing.</summary>
    public TimeSpan BusLag => redis is null ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Clamp(Instant.MonotonicNow(time) - epochs.ProvenAt, 0, int.MaxValue));
}
