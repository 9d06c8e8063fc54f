namespace CacheGateway.Storage.Redis;

/// <summary>Budgets of calls to Redis.</summary>
internal sealed record RedisLimits
{
    /// <summary>For reads that a client waits for; past it the read is a miss.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>For what no client waits for.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Calls under way at once; beyond it there is no queue.</summary>
    public int MaxCalls { get; init; } = 256;

    /// <summary>Failures in a row that open the breaker.</summary>
    public int FailuresInRow { get; init; } = 5;

    /// <summary>Share of failed calls within <see cref="Window"/> that opens the breaker, once there were <see cref="LeastCalls"/>.</summary>
    public double FailureRatio { get; init; } = 0.5;

    public int LeastCalls { get; init; } = 20;

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the breaker stays open before it lets one call try.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);
}
