namespace CacheGateway.Http;

/// <summary>What a HEAD response says of a stored GET response.</summary>
public enum HeadOutcome
{
    /// <summary>Nothing: another status than 200, or no field that could tell; that the lengths are the same tells nothing.</summary>
    Unrelated,

    /// <summary>It is current: its fields and freshness are renewed.</summary>
    Freshens,

    /// <summary>It is no longer what the origin has: it must not be used without validation.</summary>
    Invalidates,
}
