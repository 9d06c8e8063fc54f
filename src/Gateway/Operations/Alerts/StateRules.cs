using System.Globalization;

namespace CacheGateway.Operations.Alerts;

/// <summary>The rules about what the gateway stands on: pure, over the facts of one moment.</summary>
internal static class StateRules
{
    public static IEnumerable<AlertLook> Of(GatewayFacts facts, AlertSettings settings)
    {
        if (facts.HasRedis)
        {
            yield return AlertLook.While(
                "redis-away", facts.IsRedisAway, "Redis is away: this node works from its own memory",
                "Requests go on. Stored responses are validated at the origin once nothing was heard for --max-blind, and invalidations wait in this node's journal: bring Redis back.");
            yield return AlertLook.While(
                "bus-blind", facts.IsBlind && !facts.IsRedisAway, "Redis is there, and this node hears of no invalidations",
                "Requests go on, and stored responses are validated at the origin. /healthz says what Redis answers: a right that its user has not, most often (docs/redis.md lists them all), or READONLY where its address leads to a replica.");
            if (settings.BusLag > TimeSpan.Zero)
            {
                // Where Redis is away that is the alert: how long nothing was heard is no lateness.
                var lag = facts.IsRedisAway ? null : facts.BusLag?.TotalMilliseconds;
                yield return AlertLook.Above(
                    "bus-lag", "", lag, settings.BusLag.TotalMilliseconds, Say($"Invalidations of other nodes arrive {lag ?? 0:0} ms late"),
                    "Redis or the network to it is slow, or this process gets no processor time.");
            }
        }

        if (settings.Memory > 0)
        {
            var share = (facts.MemoryBytes + facts.MemoryReserved) / (double)facts.MemoryBudget;
            yield return AlertLook.Above(
                "memory-high", "", share, settings.Memory,
                Say($"The memory budget is used to {share * 100:0} %; {Counted(facts.Evicted, "entry was", "entries were")} dropped for others in the last minute"),
                "A full cache is no fault by itself: what is worth least gives way. If the hit ratio suffers, raise --memory, or lower maxBody or ttl of what is large and seldom asked for.");
        }

        yield return AlertLook.While(
            "memory-pressure", facts.IsUnderPressure, "The process is near its memory limit: the cache gave memory back",
            "Lower --memory, or raise the limit of the container or machine: the budget returns by itself when there is room.");
        yield return AlertLook.While(
            "policies-broken", facts.PolicyErrors > 0, Say($"The policy file has {Counted(facts.PolicyErrors, "error", "errors")}; the last good one stays in force"),
            "The page of policies, \"policy check\" and GET /api/v2/cache/policies name each with its place; the file is taken as soon as it is right.", "warning");
        if (settings.InvalidationsPerMinute > 0)
        {
            yield return AlertLook.Above(
                "invalidation-storm", "", facts.InvalidationsPerMinute, settings.InvalidationsPerMinute,
                Say($"{Counted(facts.InvalidationsPerMinute, "invalidation", "invalidations")} in the last minute on this node"),
                "The audit shows who asks for them: a job that saves row by row may name one tag for all, and an event may be broader than it need be.");
        }
    }

    private static string Counted(long count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <param name="HasRedis">Whether one is configured.</param>
/// <param name="IsRedisAway">No connection, or calls are held back.</param>
/// <param name="IsBlind">This node cannot know what was invalidated elsewhere.</param>
/// <param name="BusLag">Since the bus last proved that nothing is missing here; null = it never has yet.</param>
/// <param name="MemoryBytes">Held by stored responses.</param>
/// <param name="MemoryReserved">Held by fetches under way.</param>
/// <param name="MemoryBudget">As configured.</param>
/// <param name="Evicted">In the last minute.</param>
/// <param name="IsUnderPressure">Whether the budget is lowered now.</param>
/// <param name="PolicyErrors">In the file as it stands.</param>
/// <param name="InvalidationsPerMinute">Raised on this node in the last minute.</param>
internal sealed record GatewayFacts(
    bool HasRedis, bool IsRedisAway, bool IsBlind, TimeSpan? BusLag, long MemoryBytes, long MemoryReserved, long MemoryBudget, long Evicted, bool IsUnderPressure, int PolicyErrors,
    long InvalidationsPerMinute);
