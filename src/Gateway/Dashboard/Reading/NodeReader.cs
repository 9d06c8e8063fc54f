using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Operations;
using CacheGateway.Operations.Alerts;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Dashboard.Reading;

/// <summary>This node's parts, and the other nodes by what the last sync said of them.</summary>
internal sealed class NodeReader(
    TrafficReader traffic, MemoryTier memory, TagEpochs epochs, NodeWarnings warnings, GatewayFactReader facts, NodeName name, RedisConnection? redis = null, RedisGuard? guard = null,
    RedisInvalidationBus? shared = null)
{
    public OwnNode Own => new(
        traffic.Uptime, memory.Bytes, memory.Reserved, memory.Budget, memory.Count, memory.Evicted, epochs.Applied, RedisState, epochs.IsTrustedNow, facts.BusLag, warnings.Now);

    /// <summary>This node first.</summary>
    public IReadOnlyList<NodeFigures> All()
    {
        var here = epochs.Now;
        var instance = shared?.Instance ?? "";
        LiveNode[] others = [.. (shared?.Peers ?? []).Where(peer => peer.Instance != instance).OrderBy(peer => peer.Name, StringComparer.Ordinal)];
        var newest = others.Where(peer => peer.Incarnation == here.Incarnation).Select(peer => peer.Applied).Append(here.Value).Max();
        return
        [
            new NodeFigures(name.Value, instance, true, here.Value, here.Value == newest, true),
            .. others.Select(peer => new NodeFigures(peer.Name, peer.Instance, false, peer.Applied, peer.Applied == newest, peer.Incarnation == here.Incarnation)),
        ];
    }

    private string? RedisState => redis is null ? null
        : !redis.IsConnected ? "not connected"
        : guard is { IsClosed: false } ? "held back: too many calls failed"
        : "connected";
}
