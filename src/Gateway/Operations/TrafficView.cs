using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Model;

namespace CacheGateway.Operations;

/// <summary>What was served: all together and by policy.</summary>
internal sealed class TrafficView(TrafficRecorder traffic, NodeName node, TimeProvider time)
{
    /// <param name="window">The stretch of time that ends now; null = since the start.</param>
    public TrafficAnswer Read(TimeSpan? window)
    {
        var policies = traffic.Policies
            .Select(policy => (policy.Name, Counts: window is { } length ? policy.History.Window(length) : policy.Total))
            .OrderByDescending(policy => policy.Counts.Requests).ThenBy(policy => policy.Name, StringComparer.Ordinal)
            .ToArray();
        return new TrafficAnswer(
            node.Value, time.GetUtcNow(), (window ?? (time.GetUtcNow() - traffic.StartedAt)).TotalSeconds,
            TrafficNumbers.Of(TrafficCounts.Sum(policies.Select(policy => policy.Counts))),
            [.. policies.Select(policy => new PolicyNumbers(policy.Name, TrafficNumbers.Of(policy.Counts)))]);
    }
}

/// <param name="Node">Whose numbers these are.</param>
/// <param name="At">When they were read.</param>
/// <param name="WindowSeconds">How far back they go.</param>
/// <param name="Total">All policies together; "none" is what no policy took.</param>
/// <param name="Policies">The busiest first.</param>
internal sealed record TrafficAnswer(string Node, DateTimeOffset At, double WindowSeconds, TrafficNumbers Total, IReadOnlyList<PolicyNumbers> Policies);

internal sealed record PolicyNumbers(string Policy, TrafficNumbers Numbers);

/// <param name="Requests">Requests answered.</param>
/// <param name="HitRatio">Part that spared the origin, 0 to 1; null without requests.</param>
/// <param name="Hits">Answered from the cache.</param>
/// <param name="Levels">Requests by how deep they went: client (304), memory, redis, origin.</param>
/// <param name="Misses">Needed a fetch of their own.</param>
/// <param name="Stale">Hits past their lifetime, as allowed.</param>
/// <param name="Collapsed">Waited for somebody else's fetch.</param>
/// <param name="Passed">Went past the cache.</param>
/// <param name="Failed">Answered with an error of the gateway's.</param>
/// <param name="MissReasons">Why requests were not answered from the cache, the most frequent first.</param>
/// <param name="HitReasons">Why requests did not.</param>
/// <param name="Bytes">Body bytes sent to clients, by level.</param>
/// <param name="CachedMs">Latency of answers from the cache, in milliseconds.</param>
/// <param name="UncachedMs">Latency of answers from the origin, in milliseconds.</param>
/// <param name="ImprovementPercent">By how much the cache is faster; null while one of both is unknown.</param>
/// <param name="OriginRequests">Requests sent to the origin.</param>
/// <param name="OriginRequestsSaved">Requests answered without one.</param>
/// <param name="OriginMillisecondsSaved">What those would have taken there, by the mean of those that went there.</param>
/// <param name="QueriesSaved">Database queries those would have cost; null where the backend does not say what it spends.</param>
internal sealed record TrafficNumbers(
    long Requests, double? HitRatio, long Hits, IReadOnlyDictionary<string, long> Levels, long Misses, long Stale, long Collapsed, long Passed, long Failed,
    IReadOnlyDictionary<string, long> MissReasons, IReadOnlyDictionary<string, long> HitReasons, IReadOnlyDictionary<string, long> Bytes,
    LatencySummary CachedMs, LatencySummary UncachedMs, double? ImprovementPercent,
    long OriginRequests, long OriginRequestsSaved, double OriginMillisecondsSaved, long? QueriesSaved)
{
    public static TrafficNumbers Of(TrafficCounts counts) => new(
        counts.Requests, counts.HitRatio, counts.Hits, ByLevel(counts.Of), counts.Misses, counts.Stale, counts.Collapsed, counts.Passed, counts.Failed,
        Named(counts.MissReasons), Named(counts.Reasons(ServedFrom.Client, ServedFrom.Memory, ServedFrom.Redis, ServedFrom.Collapsed)), ByLevel(counts.BytesOf),
        counts.CachedLatency, counts.UncachedLatency, counts.ImprovementPercent,
        counts.OriginRequests, counts.OriginRequestsSaved, counts.OriginMillisecondsSaved, counts.QueriesSaved);

    private static Dictionary<string, long> ByLevel(Func<ServedFrom, long> read) =>
        Enum.GetValues<ServedFrom>().GroupBy(TrafficInstruments.Level).ToDictionary(level => level.Key, level => level.Sum(read));

    private static Dictionary<string, long> Named(IReadOnlyList<(Reason Reason, long Count)> reasons) =>
        reasons.ToDictionary(reason => reason.Reason.Text(), reason => reason.Count);
}
