using System.Diagnostics.Metrics;
using CacheGateway.Diagnostics;

namespace CacheGateway.Invalidation.Redis;

/// <summary>What the bus counts.</summary>
internal sealed class BusMetrics(GatewayMetrics metrics)
{
    private readonly Action _notDurable = metrics.Count("cachegateway.bus.not_durable", "Invalidations that Redis could not take: applied on this node, and raised for everybody later.");
    private readonly Action _replayed = metrics.Count("cachegateway.bus.replayed", "Journaled invalidations raised for everybody after Redis came back.");
    private readonly Action _garbage = metrics.Count("cachegateway.bus.garbage", "Messages on the bus or the events channel that could not be read.");

    public void NotDurable() => _notDurable();

    public void Replayed() => _replayed();

    public void Garbage() => _garbage();

    public void Read(FenceReplica replica, JournalReplay journal, Func<bool> isTrusted, Func<TimeSpan> lag)
    {
        metrics.Gauge("cachegateway.bus.gaps", "Holes found in the invalidation stream; each emptied this node's view.", () => replica.Gaps);
        metrics.Gauge("cachegateway.bus.incarnations", "Incarnations of the fence this node has lived in.", () => replica.Incarnations);
        metrics.Gauge("cachegateway.bus.stream_garbage", "Entries in the invalidation stream that are not of a gateway.", () => replica.Garbage);
        metrics.Gauge("cachegateway.bus.journal", "Invalidations that wait for Redis.", () => journal.Count);
        metrics.Gauge("cachegateway.bus.trusted", "1 while stored responses are served without asking the origin, 0 while this node is blind.", () => isTrusted() ? 1 : 0);
        metrics.Gauges(
            "cachegateway.bus.lag", "s", "Time since the last sync that proved that no invalidation of others is missing here, or since the start where none has yet; half a second is usual.",
            () => [new Measurement<double>(lag().TotalSeconds)]);
    }
}
