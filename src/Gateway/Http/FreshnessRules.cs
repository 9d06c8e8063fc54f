using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Freshness lifetime and initial age of a response (RFC 9111 4.2), and the windows behind it (RFC 5861).</summary>
public static class FreshnessRules
{
    private const long Second = 1000;

    /// <param name="response">The response as received.</param>
    /// <param name="policy">Its ttl and windows.</param>
    /// <param name="requestSent">When the request for it left.</param>
    /// <param name="received">When its head came.</param>
    /// <param name="jitterDraw">A number in [0, 1) that decides how much of the policy's jitter is taken off.</param>
    public static Freshness Compute(ResponseFacts response, CachePolicy policy, Instant requestSent, Instant received, double jitterDraw)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(policy);
        var (lifetime, source) = Lifetime(response, policy, received.Wall);
        var directives = response.Directives;
        // RFC 9111 5.2.2.10: s-maxage carries the meaning of proxy-revalidate for shared caches.
        var neverStale = directives.MustRevalidate || directives.ProxyRevalidate || directives.SMaxAge is not null;
        var validateAlways = directives.NoCache;
        return new Freshness
        {
            Lifetime = lifetime - (long)(lifetime * policy.Jitter * jitterDraw),
            Source = source,
            InitialAge = InitialAge(response, requestSent, received),
            ReceivedAt = received.Monotonic,
            StaleWhileRevalidate = neverStale || validateAlways ? 0 : Window(directives.StaleWhileRevalidate, policy.StaleWhileRevalidate),
            StaleIfError = neverStale || validateAlways ? 0 : Window(directives.StaleIfError, policy.StaleIfError),
            AlwaysValidate = validateAlways,
            NeverStale = neverStale,
        };
    }

    /// <summary>The origin's own explicit lifetime in milliseconds (RFC 9111 4.2.1), or null.</summary>
    public static (long Lifetime, FreshnessSource Source)? Explicit(ResponseFacts response, DateTimeOffset received)
    {
        ArgumentNullException.ThrowIfNull(response);
        var directives = response.Directives;
        if (directives.SMaxAge is { } shared)
        {
            return (shared * Second, FreshnessSource.SMaxAge);
        }

        if (directives.MaxAge is { } maxAge)
        {
            return (maxAge * Second, response.IsTargeted ? FreshnessSource.TargetedMaxAge : FreshnessSource.MaxAge);
        }

        if (!response.HasExpires)
        {
            return null;
        }

        // RFC 9111 4.2.1: Expires minus Date, both by the origin's clock; without a usable Date, by ours.
        var lifetime = response.Expires is { } expires ? expires - (response.Date ?? received) : TimeSpan.Zero;
        return ((long)Math.Clamp(lifetime.TotalMilliseconds, 0, DeltaSeconds.Max * (double)Second), FreshnessSource.Expires);
    }

    private static (long Lifetime, FreshnessSource Source) Lifetime(ResponseFacts response, CachePolicy policy, DateTimeOffset received)
    {
        if (policy.StatusTtl.TryGetValue(response.Status, out var statusTtl))
        {
            return (Milliseconds(statusTtl), FreshnessSource.PolicyStatus);
        }

        var rules = ProfileRules.For(policy.Profile);
        var byDefault = rules.HeuristicStatuses.Contains(response.Status) && response.Status is not (>= 400 and not 404 and not 410);
        var own = Explicit(response, received);
        if (policy.Ttl is { } ttl)
        {
            switch (policy.Origin)
            {
                case OriginFreshness.Override when byDefault || own is not null:
                    return (Milliseconds(ttl), FreshnessSource.PolicyOverride);
                case OriginFreshness.Respect when own is { } capped:
                    return (Math.Min(capped.Lifetime, Milliseconds(ttl)), capped.Source);
                case OriginFreshness.Fallback when own is null && byDefault:
                    return (Milliseconds(ttl), FreshnessSource.PolicyFallback);
            }
        }

        return own ?? Heuristic(response, policy, rules, received);
    }

    /// <summary>RFC 9111 4.2.2: a tenth of the time since the last modification, capped.</summary>
    private static (long Lifetime, FreshnessSource Source) Heuristic(ResponseFacts response, CachePolicy policy, ProfileRules rules, DateTimeOffset received)
    {
        var allowed = policy.Heuristics && (rules.HeuristicStatuses.Contains(response.Status)
            // RFC 9111 3: public marks any final status as cacheable, by the letter.
            || (response.Directives.Public && rules.StoresErrorsWithExplicitFreshness));
        if (!allowed || response.LastModified is not { } modified)
        {
            return (0, FreshnessSource.None);
        }

        var unchanged = (response.Date ?? received) - modified;
        if (unchanged <= TimeSpan.Zero)
        {
            return (0, FreshnessSource.None);
        }

        return ((long)Math.Min(unchanged.TotalMilliseconds / 10, rules.HeuristicCap.TotalMilliseconds), FreshnessSource.Heuristic);
    }

    /// <summary>RFC 9111 4.2.3: corrected_initial_age, in milliseconds.</summary>
    private static long InitialAge(ResponseFacts response, Instant requestSent, Instant received)
    {
        var apparent = response.Date is { } date ? Math.Max(0, (long)(received.Wall - date).TotalMilliseconds) : 0;
        // Date has whole seconds: what is less than one is its rounding, not age.
        apparent = apparent < Second ? 0 : apparent;
        var delay = Math.Max(0, received.Monotonic - requestSent.Monotonic);
        var corrected = (response.AgeSeconds * Second) + delay;
        return Math.Max(apparent, corrected);
    }

    private static long Window(long? seconds, TimeSpan policy) => seconds is { } own ? own * Second : Milliseconds(policy);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
