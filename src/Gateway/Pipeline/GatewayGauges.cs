using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Pipeline;

/// <summary>What is read from the running parts when metrics are asked for.</summary>
internal sealed class GatewayGauges(GatewayMetrics metrics, TrafficRecorder traffic, FillGate gate, MemoryTier memory, FillBudget budget, TagEpochs epochs, DestinationGuards destinations,
    RedisConnection? redis = null, RedisGuards? guards = null, RedisWrites? writes = null)
{
    public void Register()
    {
        TrafficInstruments.AddTo(metrics, traffic);
        metrics.Gauge("cachegateway.fill.waiting", "Requests that wait for the head of a fill somebody else started.", () => gate.Waiting);
        metrics.Gauge("cachegateway.fill.under_way", "Fetches under way that may end in a stored response.", () => gate.UnderWay);
        metrics.Gauge("cachegateway.fill.held_bytes", "Memory held by unfinished fills.", () => budget.Held);
        metrics.Gauge("cachegateway.memory.bytes", "Memory held by stored responses.", () => memory.Bytes);
        metrics.Gauge("cachegateway.memory.budget_bytes", "Budget of the memory tier.", () => memory.Budget);
        metrics.Gauge("cachegateway.memory.entries", "Keys in the memory tier.", () => memory.Count);
        metrics.Gauge("cachegateway.memory.left_over_bytes", "Memory held by large bodies that are not stored (any more) and that clients are still being sent.", () => memory.LeftOver);
        metrics.Gauge("cachegateway.epoch.applied", "Highest epoch this node has applied.", () => epochs.Applied);
        metrics.Gauge("cachegateway.origin.under_way", "Requests under way to all destinations, streams without end left out.", () => destinations.UnderWay);
        metrics.Gauge("cachegateway.origin.left_alone", "Destinations that get no requests now, because too many failed.", () => destinations.Open);
        if (redis is not null && guards is not null && writes is not null)
        {
            metrics.Gauge("cachegateway.redis.connected", "1 while there is a connection to Redis.", () => redis.IsConnected ? 1 : 0);
            metrics.Gauge("cachegateway.redis.breaker_open", "1 while calls to Redis of any kind (stored responses, invalidations, their audit, events) are held back because too many failed.", () => guards.IsAnyOpen ? 1 : 0);
            metrics.Gauge("cachegateway.l2.waiting", "Responses that wait to be written to the shared tier.", () => writes.Count);
        }
    }
}
