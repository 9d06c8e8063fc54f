using CacheGateway.Dashboard.Charts;
using CacheGateway.Diagnostics.Traffic;

namespace CacheGateway.Dashboard.Reading;

/// <summary>Where answers come from, from the nearest to the farthest: names and colours, the same on every page.</summary>
internal sealed record Source(string Name, string Tone, Func<TrafficCounts, long> Count);

internal static class Sources
{
    public static readonly Source[] All =
    [
        new("client copy", "client", counts => counts.Of(ServedFrom.Client)),
        new("memory", "memory", counts => counts.Of(ServedFrom.Memory)),
        new("Redis", "redis", counts => counts.Of(ServedFrom.Redis)),
        new("shared fetch", "collapsed", counts => counts.Collapsed),
        new("origin", "origin", counts => counts.Misses),
        new("bypass", "pass", counts => counts.Passed),
        new("failed", "error", counts => counts.Failed),
    ];

    public static IReadOnlyList<SharePart> Shares(TrafficCounts counts) =>
        [.. All.Select(source => new SharePart(source.Name, source.Tone, source.Count(counts))).Where(part => part.Value > 0)];
}
