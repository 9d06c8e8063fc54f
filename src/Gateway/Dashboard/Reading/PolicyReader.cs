using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Operations;
using CacheGateway.Policies;

namespace CacheGateway.Dashboard.Reading;

/// <summary>Policies beside their traffic: those in force, and those that saw requests without being in force any more.</summary>
internal sealed class PolicyReader(PolicyView policies, TrafficReader traffic, IPolicySource source)
{
    public PolicyAnswer Answer => policies.Read();

    /// <summary>One row for each name, the busiest first; those without requests as they stand in the file.</summary>
    public static IReadOnlyList<PolicyRow> Rows(PolicyAnswer answer, TrafficReader traffic, TimeRange range)
    {
        var known = answer.Policies.GroupBy(policy => policy.Name).Select(policy => new PolicyRow(
            policy.Key, string.Join(" ", policy.Select(one => one.Path)), policy.First(), traffic.Policy(policy.Key))
        {
            IsCachingOn = answer.Enabled,
        });
        var others = traffic.Policies.Where(seen => answer.Policies.All(policy => policy.Name != seen.Name))
            .Select(seen => new PolicyRow(seen.Name, seen.Name == TrafficRecorder.NoPolicy ? "requests that no policy takes" : "no longer in force", null, seen));
        return [.. known.Concat(others).Select(row => row with { Counts = row.Traffic is { } seen ? traffic.Sum(range, seen) : TrafficCounts.None }).OrderByDescending(row => row.Counts.Requests)];
    }

    /// <summary>The policy as its author wrote it; null where there is no file.</summary>
    public string? Json(string name) => source.TextOf(name);

    public IReadOnlyList<PolicyRow> Rows(TimeRange range) => Rows(Answer, traffic, range);
}

/// <param name="Name">Of the policy, or "none".</param>
/// <param name="Path">Its paths.</param>
/// <param name="Summary">Its rules; null when it is not in force.</param>
/// <param name="Traffic">Its numbers; null before its first request.</param>
internal sealed record PolicyRow(string Name, string Path, PolicySummary? Summary, PolicyTraffic? Traffic)
{
    public TrafficCounts Counts { get; init; } = TrafficCounts.None;

    /// <summary>Whether caching is on as a whole.</summary>
    public bool IsCachingOn { get; init; } = true;

    public bool IsEnabled => IsCachingOn && Summary?.Enabled != false;
}
