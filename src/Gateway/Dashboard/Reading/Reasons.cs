using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Operations;

namespace CacheGateway.Dashboard.Reading;

/// <summary>Reasons as the pages show them.</summary>
internal static class Reasons
{
    public static IReadOnlyList<ReasonFigures> Of(IReadOnlyList<(Reason Reason, long Count)> reasons) =>
        [.. reasons.Select(one => new ReasonFigures(one.Reason.Text(), ReasonFacts.Of(one.Reason).Meaning, one.Count))];

    /// <summary>The most frequent one for a request that a cache could have answered not to be, with its share of them; a dash where there is none.</summary>
    public static string First(TrafficCounts counts) => counts.CacheableMissReasons is [var (reason, count), ..] all
        ? $"{reason.Text()} ({Components.Show.Percent(count / (double)all.Sum(one => one.Count))})"
        : "–";
}

/// <param name="Name">As on the wire, in Cache-Status.</param>
/// <param name="Meaning">In words.</param>
/// <param name="Count">Requests.</param>
public sealed record ReasonFigures(string Name, string Meaning, long Count);
