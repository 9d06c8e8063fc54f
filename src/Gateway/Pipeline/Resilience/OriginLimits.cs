namespace CacheGateway.Pipeline.Resilience;

/// <summary>How long the origin may take, how much of it may be asked at once, and when it is left alone. Settings are <see cref="FirstByte"/>, <see cref="BetweenBytes"/>, <see cref="MaxRequests"/> and <see cref="BreakerPause"/>.</summary>
internal sealed record OriginLimits
{
    /// <summary>Longest wait for the first byte of an answer, where the policy names no other.</summary>
    public TimeSpan FirstByte { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest silence inside an answer's body, where the policy names no other.</summary>
    public TimeSpan BetweenBytes { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Requests under way to one destination; what comes beyond is answered at once. Who is counted, and when no more: <see cref="DestinationPlaces"/>.</summary>
    public int MaxRequests { get; init; } = 1024;

    /// <summary>Share of failed requests at which a destination is left alone, of at least <see cref="BreakerRequests"/> in <see cref="BreakerWindow"/>.</summary>
    public double BreakerRatio { get; init; } = 0.5;

    public int BreakerRequests { get; init; } = 20;

    public TimeSpan BreakerWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many requests in a row that find no connection are enough where a cluster has other destinations.</summary>
    public int BreakerConnects { get; init; } = 3;

    /// <summary>How long a destination is left alone before one request tries it again.</summary>
    public TimeSpan BreakerPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most retries in percent of requests, so that a failing origin is not asked twice as much.</summary>
    public int RetryPercent { get; init; } = 10;
}
