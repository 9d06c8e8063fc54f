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

    private readonly Lock _gate = new();
    private long _proven = TagEpochs.Never;
    private readonly Queue<(long At, long Evicted, long Invalidations)> _past = new();

    /// <summary>Two may read at once: a timer does not wait for a look that takes longer than its period.</summary>
    public GatewayFacts Read()
    {
        var before = Remember((time.GetTimestamp(), memory.Evicted, metrics.Invalidations));
        return new GatewayFacts(
            redis is not null, redis is { IsConnected: false } || guard is { IsClosed: false }, !epochs.IsTrustedNow, BusLag, memory.Bytes, memory.Reserved, pressure.Configured,
            memory.Evicted - before.Evicted, pressure.IsUnderPressure, policies.LastErrors.Count, metrics.Invalidations - before.Invalidations);
    }

    /// <summary>Takes down what is seen now, and gives what was seen about a minute ago.</summary>
    private (long At, long Evicted, long Invalidations) Remember((long At, long Evicted, long Invalidations) seen)
    {
        lock (_gate)
        {
            while (_past.Count > 1 && time.GetElapsedTime(_past.Peek().At, seen.At) > Minute)
            {
                _past.Dequeue();
            }

            _past.Enqueue(seen);
            return _past.Peek();
        }
    }

    /// <summary>
    /// Zero without a bus: nothing can be missing. Null before anything was proven: nobody knows what is late. A node that begins another life has proven nothing of it yet, and is as late as
    /// its last proof is old.
    /// </summary>
    public TimeSpan? BusLag
    {
        get
        {
            if (redis is null)
            {
                return TimeSpan.Zero;
            }

            var proven = epochs.ProvenAt;
            if (proven > TagEpochs.Never)
            {
                Volatile.Write(ref _proven, proven);
            }

            return Volatile.Read(ref _proven) is > TagEpochs.Never and var last ? TimeSpan.FromMilliseconds(Math.Clamp(Instant.MonotonicNow(time) - last, 0, int.MaxValue)) : null;
        }
    }
}
