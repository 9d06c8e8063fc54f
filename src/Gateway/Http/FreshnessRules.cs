using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>How long a response is fresh, how old it already is, and how long it may be used after (RFC 9111 4.2, RFC 5861).</summary>
public static class FreshnessRules
{
    /// <summary>The fraction of the time since Last-Modified that RFC 9111 4.2.2 suggests.</summary>
    private const double HeuristicFraction = 0.1;

    /// <summary>
    /// The sum for a response, or for a stored one as merged with a 304: <paramref name="requestSent"/> is when the request left for the origin,
    /// <paramref name="received"/> when the header section was complete, <paramref name="jitterDraw"/> a random number in [0, 1) that says which part
    /// of the policy's jitter is taken off.
    /// </summary>
    public static Freshness Compute(ResponseFacts response, CachePolicy policy, Instant requestSent, Instant received, double jitterDraw)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(policy);
        var (lifetime, source) = Lifetime(response, policy, received.Wall);
        lifetime -= (long)(lifetime * policy.Jitter * jitterDraw);

        var directives = response.Directives;
        var neverStale = directives.MustRevalidate || directives.ProxyRevalidate || directives.SMaxAge is not null;
        var alwaysValidate = directives.NoCache && (policy.IgnoredDirectives & OriginDirectives.NoCache) == 0;
        var mayBeStale = !neverStale && !alwaysValidate;
        return new Freshness
        {
            Lifetime = lifetime,
            Source = source,
            InitialAge = InitialAge(response, requestSent, received),
            ReceivedAt = received.Monotonic,
            StaleWhileRevalidate = mayBeStale ? Window(directives.StaleWhileRevalidate, policy.StaleWhileRevalidate, source) : 0,
            StaleIfError = mayBeStale ? Window(directives.StaleIfError, policy.StaleIfError, source) : 0,
            AlwaysValidate = alwaysValidate,
            NeverStale = neverStale,
        };
    }

    private static (long Lifetime, FreshnessSource Source) Lifetime(ResponseFacts response, CachePolicy policy, DateTimeOffset received)
    {
        var own = Explicit(response, received, out var source);
        var ruled = PolicyLifetime.For(policy, response.Status, out var policySource);
        return (policy.Origin, own, ruled) switch
        {
            (OriginFreshness.Override, _, { } ttl) => (ttl, policySource),
            (OriginFreshness.Respect, { } lifetime, { } cap) => (Math.Min(lifetime, cap), source),
            (_, { } lifetime, _) => (lifetime, source),

            // Naming a status asks for it to be kept; a plain ttl under "respect" is a cap and nothing else.
            (OriginFreshness.Respect, null, { } cap) when policySource != FreshnessSource.PolicyStatus => Guess(response, policy, received, cap),
            (_, null, { } ttl) => (ttl, policySource),
            _ => Guess(response, policy, received, long.MaxValue),
        };
    }

    /// <summary>RFC 9111 4.2.1: s-maxage, then max-age, then Expires minus Date; in milliseconds, null when the response says nothing.</summary>
    private static long? Explicit(ResponseFacts response, DateTimeOffset received, out FreshnessSource source)
    {
        var directives = response.Directives;
        source = response.Targeted ? FreshnessSource.TargetedMaxAge
            : directives.SMaxAge is not null ? FreshnessSource.SMaxAge
            : directives.MaxAge is not null ? FreshnessSource.MaxAge
            : FreshnessSource.Expires;
        if ((directives.SMaxAge ?? directives.MaxAge) is { } seconds)
        {
            return seconds * 1000;
        }

        return response.HasExpires
            ? Math.Clamp((long)(response.Expires - (response.Date ?? received) ?? TimeSpan.Zero).TotalMilliseconds, 0, DeltaSeconds.Max * 1000)
            : null;
    }

    /// <summary>RFC 9111 4.2.2.</summary>
    private static (long Lifetime, FreshnessSource Source) Guess(ResponseFacts response, CachePolicy policy, DateTimeOffset received, long cap)
    {
        var rules = ProfileRules.For(policy.Profile);
        var allowed = policy.Heuristics
            && (rules.HeuristicStatuses.Contains(response.Status) || (rules.HeuristicByPublic && response.Directives.Public));
        if (!allowed || response.LastModified is not { } modified)
        {
            return (0, FreshnessSource.None);
        }

        var unchanged = ((response.Date ?? received) - modified).TotalMilliseconds;
        var guess = Math.Clamp((long)(unchanged * HeuristicFraction), 0, (long)rules.HeuristicCap.TotalMilliseconds);
        return (Math.Min(guess, cap), FreshnessSource.Heuristic);
    }

    /// <summary>
    /// RFC 9111 4.2.3. The wall clock is cut to whole seconds like the Date it is compared with: a fraction would count as age
    /// although nobody knows it.
    /// </summary>
    private static long InitialAge(ResponseFacts response, Instant requestSent, Instant received)
    {
        var apparent = response.Date is { } date ? Math.Max(0, received.Wall.ToUnixTimeSeconds() - date.ToUnixTimeSeconds()) * 1000 : 0;
        var delay = Math.Max(0, received.Monotonic - requestSent.Monotonic);
        return Math.Max(apparent, (response.AgeSeconds * 1000) + delay);
    }

    /// <summary>The origin's own window, else the policy's; the policy's needs a lifetime to come after.</summary>
    private static long Window(long? own, TimeSpan policy, FreshnessSource source) =>
        own is { } seconds ? seconds * 1000
        : source == FreshnessSource.None ? 0
        : (long)policy.TotalMilliseconds;
}
