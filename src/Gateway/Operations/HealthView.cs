using System.Reflection;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Operations.Alerts;
using CacheGateway.Policies;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Operations;

/// <summary>How this node is, in one look.</summary>
internal sealed class HealthView(
    NodeName node, TrafficRecorder traffic, TagEpochs epochs, MemoryTier memory, MemoryPressure pressure, AlertBoard alerts, GatewayFactReader facts,
    IPolicySource policies, NodeWarnings warnings, AlertSettings settings, TimeProvider time, RedisConnection? redis = null, RedisGuard? guard = null, RedisInvalidationBus? shared = null)
{
    private static readonly TimeSpan PingLimit = TimeSpan.FromMilliseconds(250);

    private static readonly string Version =
        typeof(HealthView).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public async Task<HealthAnswer> ReadAsync()
    {
        var here = epochs.Now;
        var window = traffic.Window(settings.Window);
        var firing = alerts.Firing;
        var said = warnings.Now;
        return new HealthAnswer(
            firing.Any(alert => alert.Severity == "critical") ? "critical" : firing.Count > 0 || said.Count > 0 ? "warning" : "ok",
            node.Value, Version, traffic.StartedAt, (time.GetUtcNow() - traffic.StartedAt).TotalSeconds,
            new EpochHealth(here.Value, here.Incarnation),
            new BusHealth(
                redis is null ? "local" : "redis", epochs.IsTrustedNow, facts.BusLag?.TotalMilliseconds,
                [.. (shared?.Peers ?? []).Select(peer => new PeerHealth(peer.Name, peer.Instance, peer.Applied, peer.Incarnation == here.Incarnation))]),
            await RedisAsync(),
            new MemoryHealth(memory.Bytes, memory.Reserved, memory.Budget, pressure.Configured, memory.Count, memory.Evicted, pressure.IsUnderPressure, Environment.WorkingSet),
            new OriginHealth(
                window.OriginRequests, window.Fact(TrafficFact.OriginErrors), window.Fact(TrafficFact.OriginFailures), window.UncachedLatency.P50, window.UncachedLatency.P99, settings.Window.TotalSeconds),
            new PolicyHealth(policies.Current.Names.Count, policies.LastReload, policies.LastErrors.Count),
            firing, said);
    }

    private async Task<RedisHealth?> RedisAsync()
    {
        if (redis is null || guard is null)
        {
            return null;
        }

        var started = time.GetTimestamp();
        var reply = await guard.ExecuteAsync("ping", PingLimit, "TIME");
        return new RedisHealth(redis.Address, redis.IsConnected, !guard.IsClosed, reply.IsOk ? time.GetElapsedTime(started).TotalMilliseconds : null);
    }
}

/// <param name="Status">ok, warning or critical.</param>
/// <param name="Node">Its <c>--node</c>.</param>
/// <param name="Version">Of the gateway.</param>
/// <param name="StartedAt">When it began to count.</param>
/// <param name="UptimeSeconds">Since then.</param>
/// <param name="Epoch">How far it has applied invalidations.</param>
/// <param name="Bus">How they reach it.</param>
/// <param name="Redis">Null where none is configured.</param>
/// <param name="Memory">Of the memory tier.</param>
/// <param name="Origin">In the window of the alerts.</param>
/// <param name="Policies">Of the policy file.</param>
/// <param name="Alerts">That fire now.</param>
/// <param name="Warnings">Of the bus, the configuration file and the runtime; the same that the probe prints.</param>
internal sealed record HealthAnswer(
    string Status, string Node, string Version, DateTimeOffset StartedAt, double UptimeSeconds, EpochHealth Epoch, BusHealth Bus, RedisHealth? Redis, MemoryHealth Memory,
    OriginHealth Origin, PolicyHealth Policies, IReadOnlyList<Alert> Alerts, IReadOnlyList<string> Warnings);

internal sealed record EpochHealth(long Applied, long Incarnation);

/// <param name="Kind">local or redis.</param>
/// <param name="IsTrusted">False while this node cannot know what was invalidated elsewhere.</param>
/// <param name="LagMs">Since it was last proven that nothing is missing; null = it never was yet.</param>
/// <param name="Nodes">Live ones, at the last answered sync.</param>
internal sealed record BusHealth(string Kind, bool IsTrusted, double? LagMs, IReadOnlyList<PeerHealth> Nodes);

internal sealed record PeerHealth(string Node, string Instance, long Applied, bool IsCurrent);

/// <param name="Address">Without its password.</param>
/// <param name="IsConnected">Whether there is a connection.</param>
/// <param name="IsHeldBack">Calls for stored responses are held back because too many failed.</param>
/// <param name="LatencyMs">Of a question just now; null when no answer came back in time.</param>
internal sealed record RedisHealth(string Address, bool IsConnected, bool IsHeldBack, double? LatencyMs);

/// <param name="Bytes">Held by stored responses.</param>
/// <param name="Reserved">Held by fetches under way.</param>
/// <param name="Budget">For both, now.</param>
/// <param name="Configured">The budget as set; larger than the one now while under pressure.</param>
/// <param name="Entries">Keys.</param>
/// <param name="Evicted">Keys dropped for others, since the start.</param>
/// <param name="IsUnderPressure">The process was near its limit.</param>
/// <param name="ProcessBytes">The working set.</param>
internal sealed record MemoryHealth(long Bytes, long Reserved, long Budget, long Configured, int Entries, long Evicted, bool IsUnderPressure, long ProcessBytes);

/// <param name="Requests">Sent to it.</param>
/// <param name="Errors">Its answers with a status of 500 or more, with a head that is none, or that broke off.</param>
/// <param name="Unanswered">Of those sent, the ones that got no answer; what was not sent, because it is left alone, is none.</param>
/// <param name="P50Ms">Half of what it answered took no longer, as clients waited for it.</param>
/// <param name="P99Ms">So did 99 of 100.</param>
/// <param name="WindowSeconds">In so many seconds until now.</param>
internal sealed record OriginHealth(long Requests, long Errors, long Unanswered, double P50Ms, double P99Ms, double WindowSeconds);

internal sealed record PolicyHealth(int Count, DateTimeOffset? LoadedAt, int Errors);
