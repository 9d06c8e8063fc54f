namespace CacheGateway.Cli.Demo;

/// <summary>A row of the table: one endpoint without and with the cache.</summary>
internal sealed record DemoRow
{
    public required string Endpoint { get; init; }

    public required UncachedFigures Uncached { get; init; }

    /// <summary>Of hits, in milliseconds; null when there were none.</summary>
    public double? HitP50Ms { get; init; }

    public double? HitP99Ms { get; init; }

    /// <summary>What was documented for the system; null = nothing was.</summary>
    public double? DocumentedMs { get; init; }

    public required int Reads { get; init; }

    public required int Hits { get; init; }

    public required int Collapsed { get; init; }

    /// <summary>What the same reads would have cost without the cache, by what one read was seen to cost.</summary>
    public required double QueriesWithout { get; init; }

    /// <summary>The backend's own count.</summary>
    public required long QueriesWith { get; init; }

    public double HitRatio => Reads == 0 ? 0 : (double)Hits / Reads;

    public double QueriesSaved => QueriesWithout == 0 ? 0 : 1 - (QueriesWith / QueriesWithout);

    /// <summary>At or under the documented figure or, where there is none, under the time without the cache.</summary>
    public bool IsMet => HitP50Ms <= (DocumentedMs ?? Uncached.Milliseconds);
}
