namespace CacheGateway.Model;

/// <summary>
/// The freshness sum of a stored response (RFC 9111 4.2): everything needed to say at any later instant whether it is fresh,
/// and for how long after that it may still be used.
/// </summary>
public readonly record struct Freshness
{
    /// <summary>Freshness lifetime in milliseconds, counted from age zero (RFC 9111 4.2.1). Jitter is already taken off.</summary>
    public required long Lifetime { get; init; }

    public required FreshnessSource Source { get; init; }

    /// <summary>corrected_initial_age in milliseconds (RFC 9111 4.2.3).</summary>
    public required long InitialAge { get; init; }

    /// <summary>Monotonic milliseconds when the response (or the 304 that refreshed it) was received.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>stale-while-revalidate (RFC 5861 3) in milliseconds after the lifetime; 0 where forbidden.</summary>
    public long StaleWhileRevalidate { get; init; }

    /// <summary>stale-if-error (RFC 5861 4) in milliseconds after the lifetime; 0 where forbidden.</summary>
    public long StaleIfError { get; init; }

    /// <summary>Unqualified no-cache: never served without successful validation (RFC 9111 5.2.2.4).</summary>
    public bool AlwaysValidate { get; init; }

    /// <summary>must-revalidate, proxy-revalidate or s-maxage: never served stale (RFC 9111 4.2.4, 5.2.2.2, 5.2.2.8, 5.2.2.10).</summary>
    public bool NeverStale { get; init; }

    /// <summary>current_age in milliseconds (RFC 9111 4.2.3).</summary>
    public long AgeAt(long monotonic) => InitialAge + Math.Max(0, monotonic - ReceivedAt);

    /// <summary>Milliseconds of freshness left; negative once stale.</summary>
    public long RemainingAt(long monotonic) => Lifetime - AgeAt(monotonic);

    /// <summary>RFC 9111 4.2: fresh while the lifetime is greater than the age.</summary>
    public bool IsFreshAt(long monotonic) => RemainingAt(monotonic) > 0;
}
