namespace CacheGateway.Model;

/// <summary>How well a Last-Modified tells apart what was written around that second (RFC 9110 8.8.2.2).</summary>
public enum DateStrength
{
    /// <summary>Less than a second before Date, or unknown: the same date may be that of other bytes.</summary>
    Weak,

    /// <summary>At least a second: a strong validator.</summary>
    Second,

    /// <summary>At least a minute, which RFC 7232 asked for, as clocks differ.</summary>
    Minute,
}

/// <summary>How it is found.</summary>
public static class DateStrengths
{
    /// <param name="date">The origin's, of the answer that the body came with; null where it gave none. Another clock's says nothing: both must be of one.</param>
    /// <param name="modified">Its Last-Modified.</param>
    public static DateStrength Of(DateTimeOffset? date, DateTimeOffset? modified) => (date - modified) switch
    {
        { TotalSeconds: >= 60 } => DateStrength.Minute,
        { TotalSeconds: >= 1 } => DateStrength.Second,
        _ => DateStrength.Weak,
    };
}
