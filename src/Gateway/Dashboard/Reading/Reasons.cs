using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;

namespace CacheGateway.Dashboard.Reading;

/// <summary>Reasons as the pages show them.</summary>
internal static class Reasons
{
    public static IReadOnlyList<ReasonFigures> Of(IReadOnlyList<(Reason Reason, long Count)> reasons) =>
        [.. reasons.Select(one => new ReasonFigures(one.Reason.Text(), one.Count))];

    /// <summary>The most frequent one to ask the origin, with its share of them; a dash where there is none.</summary>
    public static string First(TrafficCounts counts) => counts.MissReasons is [var (reason, count), ..] all
        ? $"{reason.Text()} ({Components.Show.Percent(count / (double)all.Sum(one => one.Count))})"
        : "–";
}

/// <param name="Name">As on the wire, in Cache-Status.</param>
/// <param name="Count">Requests.</param>
public sealed record ReasonFigures(string Name, long Count);
