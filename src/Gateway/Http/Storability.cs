using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>The one function that says whether a response may be stored (RFC 9111 3).</summary>
public static class Storability
{
    public static StoreVerdict Judge(in RequestFacts request, ResponseFacts response, CachePolicy policy, Freshness freshness)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(policy);
        return (Forbids(request, response, policy) ?? Lifetime(response, freshness)) is { } reason
            ? new StoreVerdict(false, reason, [], freshness, [])
            : new StoreVerdict(true, Reason.Miss, StoredFields.Of(response, policy), freshness, StoredFields.VaryOf(response, policy));
    }

    /// <summary>Why it is not stored, as far as its head says; null where nothing speaks against it.</summary>
    /// <param name="request">That it answers.</param>
    /// <param name="response">Its head.</param>
    /// <param name="policy">That takes the request.</param>
    /// <param name="freshness">Of the response.</param>
    /// <param name="largestBody">The largest body that can be kept, whatever the policy allows, in bytes.</param>
    public static Reason? Refuses(in RequestFacts request, ResponseFacts response, CachePolicy policy, Freshness freshness, long largestBody)
    {
        var verdict = Judge(request, response, policy, freshness);
        return !verdict.Store ? verdict.Reason : response.ContentLength > Math.Min(policy.MaxBodyBytes, largestBody) ? Reason.ResponseTooLarge : null;
    }

    /// <summary>
    /// Statuses below 500 that speak of the asker's connection or of this moment, and not of the resource: 407, 408, 421, 425 and 429. What is stored stays as good as it was.
    /// </summary>
    public static bool IsOfTheMoment(int status) => status is 407 or 408 or 421 or 425 or 429;

    /// <summary>
    /// Statuses that speak of the message that asked, its fields, target or length, and not of the resource: 400, 406, 411, 413, 414, 415, 417 and 431. One odd request
    /// must not put out of use what all others get.
    /// </summary>
    public static bool IsOfTheMessage(int status) => status is 400 or 406 or 411 or 413 or 414 or 415 or 417 or 431;

    /// <summary>What forbids storing however long the response would be fresh; null where only its lifetime decides.</summary>
    public static Reason? Forbids(in RequestFacts request, ResponseFacts response, CachePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(policy);
        var rules = ProfileRules.For(policy.Profile);
        return FinalStatus(response)
            ?? (request.Directives.NoStore ? Reason.RequestNoStore : (Reason?)null)
            ?? Directives(response, policy)
            ?? Cookies(response, policy, rules)
            ?? Vary(response, policy)
            ?? Credentials(request, response, policy, rules)
            ?? Status(request, response, policy, rules)
            // RFC 9112 8 lets it count as complete; nothing proves that it is.
            ?? (response.IsCloseDelimited && !policy.CloseDelimited ? Reason.ResponseAmbiguous : null);
    }

    /// <summary>
    /// RFC 9111 3: the status is final; a 304 describes another response and is never stored by itself. 412 and 416 answer the conditions
    /// and the Range of one request, and would be wrong for every request without them.
    /// </summary>
    private static Reason? FinalStatus(ResponseFacts response) => response.Status is < 200 or 304 or 412 or 416 or > 599 ? Reason.ResponseStatus : null;

    /// <summary>RFC 9111 5.2.2.3: must-understand lets no-store be ignored for a status whose caching rules are implemented, and forbids storing any other.</summary>
    private static Reason? Directives(ResponseFacts response, CachePolicy policy)
    {
        var directives = response.Directives;
        if (directives.MustUnderstand && !UnderstoodStatuses.Contains(response.Status))
        {
            return Reason.ResponseMustUnderstand;
        }

        var ignored = policy.IgnoredDirectives;
        return directives.NoStore && !directives.MustUnderstand && (ignored & OriginDirectives.NoStore) == 0 ? Reason.ResponseNoStore
            : directives.Private && (ignored & OriginDirectives.Private) == 0 ? Reason.ResponsePrivate
            : null;
    }

    private static Reason? Cookies(ResponseFacts response, CachePolicy policy, ProfileRules rules) =>
        response.HasSetCookie && !rules.StoresSetCookie && !StoredFields.Withholds(response, policy, "Set-Cookie") ? Reason.ResponseSetCookie : null;

    /// <summary>
    /// RFC 9111 4.1: Vary "*" never matches; a policy may refuse to vary on a field. Nor does what this gateway writes itself: the client's address is in no
    /// field of the client's that could be compared.
    /// </summary>
    private static Reason? Vary(ResponseFacts response, CachePolicy policy)
    {
        if (response.VaryStar)
        {
            return Reason.ResponseVaryStar;
        }

        foreach (var name in StoredFields.VaryOf(response, policy))
        {
            if (SaysWhoTheClientIs(name, policy))
            {
                return Reason.ResponseVaryStar;
            }

            if (policy.Vary.TryGetValue(name, out var action) && action == VaryAction.Bypass)
            {
                return Reason.RequestHeaderBypass;
            }
        }

        return null;
    }

    private static bool SaysWhoTheClientIs(string name, CachePolicy policy) =>
        name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase)
        || (name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) && !policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>RFC 9111 3.5, where the key does not already hold the identity and the policy does not share on purpose.</summary>
    private static Reason? Credentials(in RequestFacts request, ResponseFacts response, CachePolicy policy, ProfileRules rules)
    {
        var directives = response.Directives;
        if (policy.Key.Identity != IdentityRule.None || directives.Public || directives.SMaxAge is not null)
        {
            return null;
        }

        return request.HasAuthorization && !(rules.SharesByMustRevalidate && directives.MustRevalidate) ? Reason.ResponseAuthorization
            : request.HasCookie && rules.TreatsCookieAsCredential ? Reason.Cookies
            : ProfileRules.HasOwnCredentials(request, policy, response.VaryNames) ? Reason.ResponseAuthorization
            : null;
    }

    private static Reason? Status(in RequestFacts request, ResponseFacts response, CachePolicy policy, ProfileRules rules)
    {
        if (response.Status == 206)
        {
            return Partial(request, response, rules);
        }

        var allowed = response.Status < 400
            || response.Status is 404 or 410
            || rules.StoresErrorsWithExplicitFreshness
            || policy.StatusTtl.ContainsKey(response.Status);
        return allowed ? null : Reason.ResponseStatus;
    }

    /// <summary>RFC 9111 3.3: a 206 is stored as the part it is. One whose length contradicts its Content-Range could answer with wrong bytes.</summary>
    private static Reason? Partial(in RequestFacts request, ResponseFacts response, ProfileRules rules)
    {
        if (!rules.StoresPartial || request.Range is null || response.Range is not { } range)
        {
            return Reason.ResponsePartial;
        }

        return response.ContentLength is { } length && length != range.Last - range.First + 1 ? Reason.ResponseAmbiguous : null;
    }

    /// <summary>What is never fresh is stored only where a validator makes the next answer cheaper.</summary>
    private static Reason? Lifetime(ResponseFacts response, Freshness freshness)
    {
        if (freshness.Lifetime <= 0
            && freshness.Source is FreshnessSource.PolicyFallback or FreshnessSource.PolicyOverride or FreshnessSource.PolicyStatus)
        {
            return Reason.ResponsePolicyTtlZero;
        }

        // RFC 9111 3: how long it may be used when stale is no lifetime, and lets nothing be stored that needs one.
        var mayDoWithoutLifetime = response.Directives.Public || ProfileRules.DefaultCacheable.Contains(response.Status);
        var isStorable = freshness.Source != FreshnessSource.None || mayDoWithoutLifetime;
        var isUsable = Math.Max(freshness.StaleWhileRevalidate, freshness.StaleIfError) + freshness.Lifetime > freshness.InitialAge;
        if (isStorable && isUsable && !freshness.AlwaysValidate)
        {
            return null;
        }

        // 4.3.4 lets a 304 confirm any stored response, but only these are worth a place that nothing else has earned.
        var validates = response.Status is 200 or 203 && (response.ETag is not null || response.LastModified is not null);
        return validates ? null
            : freshness.AlwaysValidate ? Reason.ResponseNoCache
            : freshness.Source == FreshnessSource.None ? Reason.ResponseNoFreshness
            : Reason.ResponseAlreadyStale;
    }
}
