using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// What is done with a request, and why: the heart (RFC 9111 4). Remaining freshness goes along for Cache-Status; it is 0 when nothing is stored.
/// </summary>
public readonly record struct ServeDecision(ServeAction Action, Reason Reason, long RemainingMs)
{
    /// <summary>Under <see cref="ClientReload.Collapse"/> a client's wish for validation is granted to what is older than this.</summary>
    public const long CollapseMs = 1000;

    /// <summary>How long past its lifetime the transparent cache answers for an origin that cannot be reached.</summary>
    private const long DisconnectedGraceMs = 24 * 60 * 60 * 1000;

    /// <summary>
    /// <paramref name="stored"/> is the alive response that Vary selects, or null; <paramref name="variantsExist"/> tells that others are stored
    /// under the key.
    /// </summary>
    public static ServeDecision For(StoredResponse? stored, bool variantsExist, in RequestFacts request, CachePolicy policy, long nowMonotonic)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var rules = ProfileRules.For(policy.Profile);
        var reload = policy.ClientReload == ClientReload.Profile ? rules.ClientReload : policy.ClientReload;
        if (Passes(stored, request, reload) is { } pass)
        {
            return Forward(ServeAction.Pass, pass, stored, request, nowMonotonic);
        }

        if (stored is null)
        {
            return Forward(ServeAction.Fetch, variantsExist ? Reason.VaryMiss : Reason.Miss, null, request, nowMonotonic);
        }

        if (!stored.IsSharedExplicitly && ProfileRules.CredentialsBarSharing(request, policy, stored.Vary))
        {
            return Forward(ServeAction.Pass, request.HasCookie && !request.HasAuthorization ? Reason.Cookies : Reason.Credentials, stored, request, nowMonotonic);
        }

        if (stored.Partial is not null && !Ranges.Answers(stored, request))
        {
            return Forward(ServeAction.Fetch, Reason.PartialMiss, stored, request, nowMonotonic);
        }

        var decision = ByFreshness(stored, request, reload, nowMonotonic);
        return request.Directives.NoStore && decision.Action != ServeAction.Serve
            ? Forward(ServeAction.Pass, Reason.RequestNoStore, stored, request, nowMonotonic)
            : decision;
    }

    /// <summary>
    /// Whether a stale response may stand in for an origin's failure: stale-if-error, the origin's or the policy's, or the client's where that is longer (RFC 5861 4);
    /// never past must-revalidate and its kin. A fresh one always may, as when only the client had asked for validation.
    /// Where the origin is <paramref name="disconnected"/> it gave no response at all (one that is malformed is a response). RFC 9111 4.2.4 then allows a stale answer
    /// without further permission; the transparent cache uses that, while under a policy of the operator's own stale-if-error alone permits it.
    /// A response that a <paramref name="isSoft"/> invalidation was raised for is stale whatever its lifetime, and needs the permission.
    /// </summary>
    public static bool MayServeOnError(StoredResponse stored, in RequestFacts request, CachePolicy policy, long nowMonotonic, bool disconnected, bool isSoft)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(policy);
        var freshness = stored.Freshness;
        if (freshness.AlwaysValidate || (stored.Partial is not null && !Ranges.Answers(stored, request)))
        {
            return false;
        }

        var staleFor = Math.Max(isSoft ? 0 : long.MinValue, -freshness.RemainingAt(nowMonotonic));
        // What the client accepts (RFC 5861 4) only widens what the response allows; must-revalidate and its kin are stronger.
        var accepted = Math.Max(freshness.StaleIfError, (request.Directives.StaleIfError ?? 0) * 1000);
        var grace = disconnected && policy.Transparent && !isSoft ? Math.Max(accepted, DisconnectedGraceMs) : accepted;
        return staleFor < 0 || (!freshness.NeverStale && staleFor < grace);
    }

    /// <summary>RFC 5861 4: the statuses of an origin that a stale response may stand in for. Others, as 501, are answers.</summary>
    public static bool IsErrorToStandInFor(int status) => status is 500 or 502 or 503 or 504;

    /// <summary>
    /// Whether a response may be used without asking the origin (RFC 9111 4): what one client's request brought, its followers get only if it is fresh, or may be
    /// served while it is refreshed.
    /// </summary>
    public static bool MayServeUnvalidated(in Freshness freshness, long nowMonotonic) =>
        !freshness.AlwaysValidate && (freshness.IsFreshAt(nowMonotonic) || MayServeWhileRefreshing(freshness, nowMonotonic));

    /// <summary>RFC 5861 3: stale, and still allowed while it is refreshed.</summary>
    public static bool MayServeWhileRefreshing(in Freshness freshness, long nowMonotonic) =>
        !freshness.NeverStale && -freshness.RemainingAt(nowMonotonic) < freshness.StaleWhileRevalidate;

    /// <summary>
    /// If-Match and If-Unmodified-Since are for the origin alone (RFC 9111 4.3.2), unless the validator is one that it does not know.
    /// no-store keeps the answer out of the store (5.2.1.5); whether it may also force a call to the origin is the same question as for no-cache.
    /// </summary>
    private static Reason? Passes(StoredResponse? stored, in RequestFacts request, ClientReload reload) =>
        (request.IfMatch is not null || request.IfUnmodifiedSince is not null) && stored?.ETagGenerated != true ? Reason.RequestPrecondition
        : request.Directives.NoStore && (stored is null || reload == ClientReload.Honour) ? Reason.RequestNoStore
        : null;

    private static ServeDecision ByFreshness(StoredResponse stored, in RequestFacts request, ClientReload reload, long now)
    {
        var freshness = stored.Freshness;
        var age = freshness.AgeAt(now);
        var remaining = freshness.Lifetime - age;
        if (freshness.AlwaysValidate)
        {
            return Forward(ServeAction.Validate, Reason.ResponseNoCache, stored, request, now);
        }

        var wish = reload == ClientReload.Ignore ? null : Wish(request.Directives, age, remaining);
        if (remaining > 0)
        {
            return wish is not { } reason ? new(ServeAction.Serve, Reason.Fresh, remaining)
                : reload == ClientReload.Collapse && now - freshness.ReceivedAt < CollapseMs ? new(ServeAction.Serve, Reason.JustValidated, remaining)
                : Forward(ServeAction.Validate, reason, stored, request, now);
        }

        if (wish is null && !freshness.NeverStale)
        {
            // RFC 9111 5.2.1.1: who says max-age without max-stale wants nothing stale.
            var refusesStale = reload != ClientReload.Ignore && request.Directives is { MaxAge: not null, MaxStale: null };
            if (!refusesStale && MayServeWhileRefreshing(stored.Freshness, now))
            {
                return new(ServeAction.ServeStaleAndRefresh, Reason.StaleWhileRevalidate, remaining);
            }

            if (request.Directives.MaxStale is { } accepted && -remaining / 1000 <= accepted)
            {
                return new(ServeAction.Serve, Reason.MaxStale, remaining);
            }
        }

        return Forward(ServeAction.Validate, freshness.NeverStale ? Reason.MustRevalidate : Reason.Expired, stored, request, now);
    }

    /// <summary>Why the client does not want this response (RFC 9111 5.2.1.1, 5.2.1.3, 5.2.1.4), or null when it does.</summary>
    private static Reason? Wish(in RequestDirectives directives, long age, long remaining) =>
        directives.NoCache ? Reason.RequestNoCache
        : directives.MaxAge is { } most && age >= most * 1000 ? Reason.RequestMaxAge
        : directives.MinFresh is { } least && remaining < least * 1000 ? Reason.RequestMinFresh
        : null;

    /// <summary>The origin is needed, which only-if-cached forbids (RFC 9111 5.2.1.7).</summary>
    private static ServeDecision Forward(ServeAction action, Reason reason, StoredResponse? stored, in RequestFacts request, long now)
    {
        var remaining = stored?.Freshness.RemainingAt(now) ?? 0;
        return request.Directives.OnlyIfCached
            ? new(ServeAction.Fail, Reason.OnlyIfCached, remaining)
            : new(action, reason, remaining);
    }
}
