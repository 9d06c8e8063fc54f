using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>What is done with a request.</summary>
public enum ServeAction
{
    Serve,
    ServeStaleAndRefresh,
    Validate,
    Fetch,
    Pass,
    Fail,
}

/// <summary>
/// The heart: what is done with a request, given what is stored for it (RFC 9111 4, 4.2.4, 5.2.1, RFC 5861). Pure; "now" is an argument.
/// Carries the freshness sum, so that the same value explains itself.
/// </summary>
/// <param name="Action">What to do.</param>
/// <param name="Reason">Why.</param>
/// <param name="AgeMs">current_age of the stored response in milliseconds; 0 without one.</param>
/// <param name="RemainingMs">Freshness left in milliseconds, negative once stale; 0 without a stored response.</param>
public readonly record struct ServeDecision(ServeAction Action, Reason Reason, long AgeMs, long RemainingMs)
{
    /// <summary>A response validated less than this ago satisfies a client's reload where reloads are collapsed.</summary>
    private const long JustValidated = 1000;

    /// <param name="stored">The stored response selected for the request, or null.</param>
    /// <param name="variantsExist">Whether other variants of the resource are stored.</param>
    /// <param name="request">The request.</param>
    /// <param name="policy">The policy in force.</param>
    /// <param name="nowMonotonic">Monotonic milliseconds.</param>
    public static ServeDecision For(StoredResponse? stored, bool variantsExist, in RequestFacts request, CachePolicy policy, long nowMonotonic)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (stored is null)
        {
            return Without(variantsExist ? Reason.VaryMiss : Reason.Miss, request);
        }

        if (stored.Partial is { } partial && !Ranges.IsHeldBy(request.Range, request.IfRange, stored, partial))
        {
            return Without(Reason.PartialMiss, request);
        }

        var freshness = stored.Freshness;
        var age = freshness.AgeAt(nowMonotonic);
        var remaining = freshness.Lifetime - age;
        var decided = Judge(freshness, age, remaining, request.Directives, policy, nowMonotonic);
        if (decided.Action is ServeAction.Validate && request.Directives.OnlyIfCached)
        {
            decided = (ServeAction.Fail, Reason.OnlyIfCached);
        }

        return new ServeDecision(decided.Action, decided.Reason, age, remaining);
    }

    /// <summary>
    /// Whether a stale response may stand in for an origin that failed (RFC 9111 4.2.4, RFC 5861 4): within its stale-if-error window, never
    /// where the response forbids staleness.
    /// </summary>
    public static bool MayServeOnError(StoredResponse stored, in RequestFacts request, long nowMonotonic)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var freshness = stored.Freshness;
        return freshness is { NeverStale: false, AlwaysValidate: false }
            && freshness.AgeAt(nowMonotonic) - freshness.Lifetime < freshness.StaleIfError
            && (stored.Partial is not { } partial || Ranges.IsHeldBy(request.Range, request.IfRange, stored, partial));
    }

    private static ServeDecision Without(Reason reason, in RequestFacts request) =>
        request.Directives.OnlyIfCached
            ? new ServeDecision(ServeAction.Fail, Reason.OnlyIfCached, 0, 0)
            : new ServeDecision(ServeAction.Fetch, reason, 0, 0);

    private static (ServeAction Action, Reason Reason) Judge(
        in Freshness freshness, long age, long remaining, in RequestDirectives request, CachePolicy policy, long now)
    {
        if (freshness.AlwaysValidate)
        {
            return (ServeAction.Validate, Reason.ResponseNoCache);
        }

        var reload = ProfileRules.ReloadOf(policy);
        if (reload != ClientReload.Ignore && Reloads(request, age) is { } asked)
        {
            return reload == ClientReload.Collapse && remaining > 0 && now - freshness.ReceivedAt < JustValidated
                ? (ServeAction.Serve, Reason.JustValidated)
                : (ServeAction.Validate, asked);
        }

        if (remaining > 0)
        {
            return request.MinFresh is { } min && reload == ClientReload.Honour && remaining < min * 1000
                ? (ServeAction.Validate, Reason.RequestMinFresh)
                : (ServeAction.Serve, Reason.Fresh);
        }

        if (freshness.NeverStale)
        {
            return (ServeAction.Validate, Reason.MustRevalidate);
        }

        if (-remaining < freshness.StaleWhileRevalidate)
        {
            return (ServeAction.ServeStaleAndRefresh, Reason.StaleWhileRevalidate);
        }

        // RFC 9111 5.2.1.2: the client takes what has been stale for no longer than this.
        return request.MaxStale is { } stale && (stale == long.MaxValue || -remaining <= stale * 1000)
            ? (ServeAction.Serve, Reason.MaxStale)
            : (ServeAction.Validate, Reason.Expired);
    }

    private static Reason? Reloads(in RequestDirectives request, long age) =>
        request.NoCache ? Reason.RequestNoCache
        // RFC 9111 5.2.1.1: not older than this; max-age=0 always asks.
        : request.MaxAge is { } max && (max == 0 || age > max * 1000) ? Reason.RequestMaxAge
        : null;
}
