using System.Globalization;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace CacheGateway.Operations;

/// <summary>Whether the cache helps: a period beside the one before it, cached beside uncached, and what would help more.</summary>
internal sealed class PerformanceReport(TrafficRecorder traffic, IPolicySource policies, NodeName node, TimeProvider time)
{
    /// <summary>A miss reason with less than this share of a policy's requests is not worth a word.</summary>
    private const double WorthAWord = 0.1;

    public ReportAnswer Read(TimeSpan period)
    {
        var rows = traffic.Policies
            .Select(policy => (policy.Name, Periods: policy.History.Periods(period)))
            .Select(policy => (policy.Name, policy.Periods.Now, policy.Periods.Before))
            .Where(row => row.Now.Requests + row.Before.Requests > 0)
            .OrderByDescending(row => row.Now.Requests)
            .ToArray();
        var all = (Now: TrafficCounts.Sum(rows.Select(row => row.Now)), Before: TrafficCounts.Sum(rows.Select(row => row.Before)));
        return new ReportAnswer(
            node.Value, time.GetUtcNow(), period.TotalSeconds, Row("all", all.Now, all.Before),
            [.. rows.Select(row => Row(row.Name, row.Now, row.Before))],
            [.. rows.SelectMany(row => Recommend(row.Name, row.Now))]);
    }

    private static ReportRow Row(string policy, TrafficCounts now, TrafficCounts before) => new(
        policy, Period(now), Period(before), Change(now.HitRatio, before.HitRatio), now.ImprovementPercent);

    private static ReportPeriod Period(TrafficCounts counts) => new(
        counts.Requests, counts.HitRatio, counts.Bytes, counts.CachedLatency, counts.UncachedLatency, counts.OriginRequests, counts.OriginRequestsSaved,
        counts.OriginMillisecondsSaved, counts.QueriesSaved);

    private static double? Change(double? now, double? before) => now is { } a && before is { } b ? (a - b) * 100 : null;

    private IEnumerable<Recommendation> Recommend(string policy, TrafficCounts counts)
    {
        if (counts.Cacheable == 0)
        {
            yield break;
        }

        foreach (var (reason, count) in counts.CacheableMissReasons.Where(miss => miss.Count >= counts.Cacheable * WorthAWord).Take(3))
        {
            var facts = ReasonFacts.Of(reason);
            yield return new Recommendation(policy, reason.Text(), count, Share(count, counts), facts.Meaning, AdviceOn(reason, policy) ?? facts.Advice);
        }

        if (counts.ImprovementPercent is < 30 and var improvement && counts.CachedLatency.Count >= 20)
        {
            yield return new Recommendation(
                policy, "improvement", counts.CachedLatency.Count, Share(counts.CachedLatency.Count, counts),
                string.Create(CultureInfo.InvariantCulture, $"Answers from the cache are only {improvement:0} % faster than the origin's."),
                "What is fast at the origin gains little: keep the policy for the work it spares, or drop it.");
        }
    }

    /// <summary>Words that know the policy, where they say more than the general ones.</summary>
    private string? AdviceOn(Reason reason, string name) =>
        policies.Current.Policies.FirstOrDefault(policy => policy.Name == name) is not { } policy ? null
        : reason == Reason.Expired && policy.Ttl is { TotalMinutes: < 1 } ttl
            ? string.Create(CultureInfo.InvariantCulture, $"ttl is {ttl.TotalSeconds:0.#} s: raise it, and let invalidation say when data changed; staleWhileRevalidate hides the refresh.")
        : reason == Reason.Miss && policy.Key.Headers.Count > 0 ? $"Every value of {string.Join(", ", policy.Key.Headers)} makes an entry of its own: \"explain\" says which of them spreads the keys."
        : null;

    private static double Share(long count, TrafficCounts counts) => count / (double)counts.Cacheable;
}

/// <param name="Node">Whose report.</param>
/// <param name="At">When it was made.</param>
/// <param name="PeriodSeconds">How long each of the two periods is.</param>
/// <param name="Total">All policies together.</param>
/// <param name="Policies">The busiest first.</param>
/// <param name="Recommendations">What would help most.</param>
internal sealed record ReportAnswer(
    string Node, DateTimeOffset At, double PeriodSeconds, ReportRow Total, IReadOnlyList<ReportRow> Policies, IReadOnlyList<Recommendation> Recommendations);

/// <param name="Policy">"all" for the total.</param>
/// <param name="Now">The period that ends now.</param>
/// <param name="Before">The one before it.</param>
/// <param name="HitRatioChange">In percentage points; null where one period had no requests.</param>
/// <param name="ImprovementPercent">By how much answers from the cache are faster than the origin's, now.</param>
internal sealed record ReportRow(string Policy, ReportPeriod Now, ReportPeriod Before, double? HitRatioChange, double? ImprovementPercent);

internal sealed record ReportPeriod(
    long Requests, double? HitRatio, long Bytes, LatencySummary CachedMs, LatencySummary UncachedMs, long OriginRequests, long OriginRequestsSaved,
    double OriginMillisecondsSaved, long? QueriesSaved);

/// <param name="Policy">Which one.</param>
/// <param name="Cause">The reason it is about.</param>
/// <param name="Requests">How many it concerned.</param>
/// <param name="Share">Of the policy's requests, 0 to 1.</param>
/// <param name="What">What happens.</param>
/// <param name="Advice">What would help.</param>
internal sealed record Recommendation(string Policy, string Cause, long Requests, double Share, string What, string Advice);
