namespace CacheGateway.Operations.Alerts;

/// <summary>
/// When the alerts speak: section <c>CacheGateway:Alerts</c> of the configuration, or CACHEGATEWAY__ALERTS__NAME. A share or percentage of 0, and
/// a time of 0, switch a rule off.
/// </summary>
public sealed record AlertSettings
{
    /// <summary>How far back rules about traffic look.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Fewer requests in the window say nothing.</summary>
    public int MinRequests { get; init; } = 100;

    /// <summary>Looks in a row (one every five seconds) before an alert begins, and before it ends.</summary>
    public int Looks { get; init; } = 3;

    /// <summary>A policy's hit ratio, 0 to 1, below which it speaks.</summary>
    public double HitRatio { get; init; } = 0.6;

    /// <summary>The 99th percentile of answers from the cache above which it speaks.</summary>
    public TimeSpan CachedP99 { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>By how many percent answers from the cache must be faster than the origin's.</summary>
    public double ImprovementPercent { get; init; } = 30;

    /// <summary>Longest time since the bus last proved that nothing is missing here.</summary>
    public TimeSpan BusLag { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Share of the memory budget.</summary>
    public double Memory { get; init; } = 0.9;

    /// <summary>Share of requests that end in an error of the origin or of the gateway.</summary>
    public double Errors { get; init; } = 0.05;

    /// <summary>Invalidations a minute on this node.</summary>
    public int InvalidationsPerMinute { get; init; } = 600;

    /// <summary>Share of requests to the origin that got no answer.</summary>
    public double OriginDown { get; init; } = 0.5;

    /// <summary>Share of requests that no policy takes, where there is a policy file.</summary>
    public double NoPolicy { get; init; } = 0.5;
}
