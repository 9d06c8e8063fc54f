namespace CacheGateway.Cli.Demo;

/// <summary>What the demo found, from the counts alone.</summary>
internal sealed record DemoReport
{
    /// <summary>The documented systems served more than this share from their caches ...</summary>
    public const double LeastHitRatio = 0.8;

    /// <summary>... and their databases had at least this much less to do.</summary>
    public const double LeastSaved = 0.8;

    public required IReadOnlyList<DemoRow> Rows { get; init; }

    public required string Source { get; init; }

    public required int Writes { get; init; }

    public required int Stale { get; init; }

    public required int Foreign { get; init; }

    public required int Failed { get; init; }

    public required IReadOnlyList<string> Wrong { get; init; }

    /// <summary>Reads and writes, as the backend counted them.</summary>
    public required long QueriesWith { get; init; }

    public required double QueriesWithout { get; init; }

    public int Reads => Rows.Sum(row => row.Reads);

    public int Hits => Rows.Sum(row => row.Hits);

    public int Collapsed => Rows.Sum(row => row.Collapsed);

    public double HitRatio => Reads == 0 ? 0 : (double)Hits / Reads;

    public double QueriesSaved => QueriesWithout == 0 ? 0 : 1 - (QueriesWith / QueriesWithout);

    public double WriteShare => (double)Writes / Math.Max(1, Reads + Writes);

    public bool IsMet => Rows.All(row => row.IsMet) && HitRatio > LeastHitRatio && QueriesSaved >= LeastSaved && Stale + Foreign + Failed == 0;

    public static DemoReport From(
        IEnumerable<DemoEndpoint> endpoints, IReadOnlyDictionary<string, UncachedFigures> uncached, TrafficLog log, BackendStats stats)
    {
        DemoRow[] rows = [.. endpoints.Select(endpoint => Row(endpoint, uncached[endpoint.Name], log.Of(endpoint.Name), stats.Of(endpoint.Name)))];

        // Writes cost the same with and without a cache.
        var ofWrites = stats.Queries - rows.Sum(row => row.QueriesWith);
        return new DemoReport
        {
            Rows = rows,
            Source = stats.Source,
            Writes = log.Writes,
            Stale = log.Stale,
            Foreign = log.Foreign,
            Failed = log.Failed,
            Wrong = log.Wrong,
            QueriesWith = stats.Queries,
            QueriesWithout = rows.Sum(row => row.QueriesWithout) + ofWrites,
        };
    }

    private static DemoRow Row(DemoEndpoint endpoint, UncachedFigures uncached, EndpointTally tally, EndpointStats stats) => new()
    {
        Endpoint = endpoint.Name,
        Uncached = uncached,
        HitP50Ms = Percentiles.Of(tally.HitMs, 0.5),
        HitP99Ms = Percentiles.Of(tally.HitMs, 0.99),
        DocumentedMs = endpoint.DocumentedMs,
        Reads = tally.Reads,
        Hits = tally.Hits,
        Collapsed = tally.Collapsed,
        QueriesWithout = tally.Reads * uncached.Queries,
        QueriesWith = stats.Queries,
    };
}
