using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Whether a response may be stored in a shared cache (RFC 9111 3, 3.5) under a policy, and what of it. The one judge: sharing asks it too.</summary>
public static class Storability
{
    public static StoreVerdict Judge(in RequestFacts request, ResponseFacts response, CachePolicy policy, Freshness freshness)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(policy);
        var rules = ProfileRules.For(policy.Profile);
        if (Forbidden(request, response, policy, rules, freshness) is { } reason)
        {
            return StoreVerdict.Refuse(reason, freshness);
        }

        var vary = VaryNames(response, rules);
        foreach (var name in vary)
        {
            if (policy.Vary.GetValueOrDefault(name) == VaryAction.Bypass)
            {
                return StoreVerdict.Refuse(Reason.ResponseVaryStar, freshness);
            }
        }

        return new StoreVerdict(true, Reason.Miss, StoredHeaders(response, policy, rules), freshness, vary);
    }

    private static Reason? Forbidden(in RequestFacts request, ResponseFacts response, CachePolicy policy, ProfileRules rules, Freshness freshness)
    {
        var directives = response.Directives;
        var status = response.Status;
        if (status is < 200 or > 599 || status == 304)
        {
            return Reason.ResponseStatus;
        }

        // RFC 9111 5.2.2.3: with must-understand, no-store is ignored for statuses whose caching rules are implemented here.
        if (directives.NoStore && !(directives.MustUnderstand && IsUnderstood(status)))
        {
            return Reason.ResponseNoStore;
        }

        if (directives.MustUnderstand && !IsUnderstood(status))
        {
            return Reason.ResponseMustUnderstand;
        }

        if (request.Directives.NoStore)
        {
            return Reason.RequestNoStore;
        }

        if (directives.Private)
        {
            return Reason.ResponsePrivate;
        }

        if (response.VaryStar)
        {
            return Reason.ResponseVaryStar;
        }

        if (response.HasSetCookie && !rules.StoresSetCookie && !policy.StripSetCookie && !Qualifies(directives, "Set-Cookie"))
        {
            return Reason.ResponseSetCookie;
        }

        if (status == 206 && (!rules.StoresPartial || response.Range is null))
        {
            return Reason.ResponsePartial;
        }

        if (Credentials(request, directives, policy, rules) is { } credentials)
        {
            return credentials;
        }

        if (response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true)
        {
            return Reason.ResponseEventStream;
        }

        return Lasting(response, policy, rules, freshness);
    }

    /// <summary>RFC 9111 3: something must say for how long, or how to find out.</summary>
    private static Reason? Lasting(ResponseFacts response, CachePolicy policy, ProfileRules rules, Freshness freshness)
    {
        var isError = response.Status is >= 400 and not 404 and not 410;
        if (isError && !rules.StoresErrorsWithExplicitFreshness && !policy.StatusTtl.ContainsKey(response.Status))
        {
            return Reason.ResponseStatus;
        }

        var hasValidator = response.ETag is not null || response.LastModified is not null;
        var window = Math.Max(freshness.StaleWhileRevalidate, freshness.StaleIfError);
        var usable = !freshness.AlwaysValidate && freshness.Lifetime + window > freshness.InitialAge;
        if (usable && freshness.Source != FreshnessSource.None)
        {
            return null;
        }

        // Without freshness it is worth storing only where the origin can be asked whether it still holds.
        var revalidatable = hasValidator && response.Status is 200 or 203 or 204 or 300 or 301 or 308 or 404 or 410
            && (freshness.Source != FreshnessSource.None || freshness.AlwaysValidate);
        return revalidatable ? null
            : freshness.Source == FreshnessSource.None ? Reason.ResponseNoFreshness
            : freshness is { Lifetime: 0, Source: FreshnessSource.PolicyFallback or FreshnessSource.PolicyOverride or FreshnessSource.PolicyStatus } ? Reason.ResponsePolicyTtlZero
            : Reason.ResponseAlreadyStale;
    }

    /// <summary>RFC 9111 3.5, and the profile's word on cookies; an identity rule of the policy keys them instead.</summary>
    private static Reason? Credentials(in RequestFacts request, ResponseDirectives directives, CachePolicy policy, ProfileRules rules)
    {
        if (policy.Key.Identity != IdentityRule.None || directives.Public || directives.SMaxAge is not null)
        {
            return null;
        }

        if (request.HasAuthorization && !(directives.MustRevalidate && rules.SharesAuthorizedByMustRevalidate))
        {
            return Reason.ResponseAuthorization;
        }

        return request.HasCookie && rules.TreatsCookieAsCredential ? Reason.Cookies : null;
    }

    private static bool Qualifies(ResponseDirectives directives, string field) =>
        directives.NoCacheFields.Contains(field, StringComparer.OrdinalIgnoreCase) || directives.PrivateFields.Contains(field, StringComparer.OrdinalIgnoreCase);

    /// <summary>Final statuses whose requirements on caching RFC 9110 gives and this cache implements.</summary>
    private static bool IsUnderstood(int status) => status is 200 or 201 or 202 or 203 or 204 or 205 or 206
        or 300 or 301 or 302 or 303 or 307 or 308
        or 400 or 401 or 402 or 403 or 404 or 405 or 406 or 407 or 408 or 409 or 410 or 411 or 412 or 413 or 414 or 415 or 416 or 417 or 421 or 422 or 426
        or 500 or 501 or 502 or 503 or 504 or 505;

    private static string[] VaryNames(ResponseFacts response, ProfileRules rules)
    {
        var names = response.VaryNames;
        var addsOrigin = rules.VariesOnNamedAllowOrigin && response.AllowOrigin is { } allowed && allowed != "*"
            && !names.Contains("Origin", StringComparer.OrdinalIgnoreCase);
        return addsOrigin ? [.. names, "Origin"] : [.. names];
    }

    /// <summary>
    /// RFC 9111 3.1: everything but hop-by-hop fields; Age is counted anew; fields that a qualified private or no-cache names are not stored,
    /// which is stricter than no-cache asks and simpler than validating for one field (5.2.2.4, 5.2.2.7).
    /// </summary>
    private static HeaderField[] StoredHeaders(ResponseFacts response, CachePolicy policy, ProfileRules rules)
    {
        var directives = response.Directives;
        var dropsCookies = policy.StripSetCookie || !rules.StoresSetCookie;
        return Array.FindAll(response.Headers, field =>
            !HopByHop.Is(field.Name) && !field.Is("Age") && !Qualifies(directives, field.Name)
            && !(dropsCookies && (field.Is("Set-Cookie") || field.Is("Set-Cookie2"))));
    }
}
