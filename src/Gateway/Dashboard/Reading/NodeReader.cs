using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Operations;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Dashboard.Reading;

/// <summary>This node's parts, and the other nodes by what the last sync said of them.</summary>
internal sealed class NodeReader(
    TrafficReader traffic, MemoryTier memory, TagEpochs epochs, NodeWarnings warnings, NodeName name, RedisConnection? redis = null, RedisGuard? guard = null,
    RedisInvalidationBus? shared = null)
{
    public OwnNode Own => new(
        traffic.Uptime, memory.Bytes, memory.Reserved, memory.Budget, memory.Count, memory.Evicted, epochs.Applied, RedisState, epochs.IsTrustedNow, warnings.Now);

    /// <summary>This node first.</summary>
    public IReadOnlyList<NodeFigures> All()
    {
        var here = epochs.Now;
        var own = new NodeFigures(name.Value, shared?.Instance ?? "", true, here.Value, 0, true);
        return
        [
            own,
            .. (shared?.Peers ?? []).Where(peer => peer.Instance != own.Instance).OrderBy(peer => peer.Name, StringComparer.Ordinal)
                .Select(peer => new NodeFigures(peer.Name, peer.Instance, false, peer.Applied, Behind(here.Value, peer.Applied), peer.Incarnation == here.Incarnation)),
        ];
    }

    private string? RedisState => redis is null ? null
        : !redis.IsConnected ? "not connected"
        : guard is { IsClosed: false } ? "held back: too many calls failed"
        : "connected";

    /// <summary>Shared epochs are a step apart; the numbers between are one node's own.</summary>
    private static long Behind(long here, long there) => Math.Max(0, (here - there) / FenceReplica.Step);
}
