using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Operations.Explaining;

/// <summary>One change that an operator could make to a policy.</summary>
/// <param name="Member">The JSON path within the policy.</param>
/// <param name="Json">The value as JSON.</param>
/// <param name="Why">What it does.</param>
/// <param name="Caution">When it would be wrong.</param>
/// <param name="Apply">The policy as it would be.</param>
internal sealed record PolicyLever(string Member, string Json, string Why, string Caution, Func<CachePolicy, CachePolicy> Apply)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>What can be tried for a request and a response, what changes least for anybody first.</summary>
    /// <param name="policy">As it is.</param>
    /// <param name="response">The origin's answer; null = nobody knows.</param>
    /// <param name="largestBody">The largest body that can be kept, whatever the policy allows, in bytes.</param>
    public static IEnumerable<PolicyLever> For(CachePolicy policy, ResponseFacts? response, long largestBody)
    {
        if (!policy.Enabled)
        {
            yield return new("enabled", "true", "Switches the policy on.", "It was switched off by somebody: ask why.", before => before with { Enabled = true });
        }

        if (response is { Range: null, ContentLength: { } whole } && whole <= Math.Min(policy.MaxBodyBytes, largestBody))
        {
            yield return new(
                "rangeFetchWhole", $"\"{SizeText.Of(policy.MaxBodyBytes)}\"", "Fetches the whole once and answers ranges from it.", "The first client of a range waits for more.",
                before => before with { RangeFetchWhole = policy.MaxBodyBytes });
        }

        if (policy.Ttl is null || policy.Ttl <= TimeSpan.Zero)
        {
            yield return new("ttl", "\"60s\"", "Keeps what the origin says nothing about for a minute.", "Clients may see data up to this old, unless invalidation says that it changed.", before => before with { Ttl = Minute });
        }

        if (policy.Origin == OriginFreshness.Respect)
        {
            yield return new("origin", "\"fallback\"", "Lets ttl speak where the origin says nothing; under \"respect\" it is a cap alone.", "None where the origin names its own lifetimes.", before => before with { Origin = OriginFreshness.Fallback });
        }

        if (response is { ContentLength: { } length } && length > policy.MaxBodyBytes && length <= largestBody)
        {
            var megabytes = (length + (1 << 20) - 1) >> 20;
            if (new SizeAttribute().Problem($"{megabytes}MB") is null)
            {
                yield return new("maxBody", $"\"{megabytes}MB\"", "Stores bodies of this size.", "Few of them fill the memory.", before => before with { MaxBodyBytes = megabytes << 20 });
            }
        }

        yield return new("closeDelimited", "true", "Stores bodies whose end only the end of their connection tells.", "One that broke off looks the same: half of it may be everybody's for its lifetime. Better let the origin send Content-Length or chunks.", before => before with { CloseDelimited = true });
        foreach (var name in policy.Vary.Where(rule => rule.Value == VaryAction.Bypass).Select(rule => rule.Key))
        {
            yield return new($"vary.{name}", "\"normalise\"", $"Stores a variant for each value of {name}.", "A header with many values makes many variants.", before => before with { Vary = before.Vary.Where(rule => rule.Key != name).ToDictionary(StringComparer.OrdinalIgnoreCase) });
        }

        yield return new("client.reload", "\"collapse\"", "A client's no-cache, no-store or max-age=0 reaches the origin once a second at most.", "Clients that mean it get what is up to a second old.", before => before with { ClientReload = ClientReload.Collapse });
        if (response is { Status: var status and not (206 or 304) } && !SpeaksOfWhoAsked(status) && (status >= 400 || !PolicyLifetime.Statuses.Contains(status)))
        {
            yield return status >= 400
                ? StatusLifetime(status, 10, "An error that is over is shown that much longer.")
                : StatusLifetime(status, 60, "ttl leaves this status out, because it often answers one request alone: be sure that all may have it.");
        }

        if (policy.Key.Identity == IdentityRule.None)
        {
            yield return new("key.identity", "\"isolate\"", "Gives each identity (Authorization, Cookie, X-Api-Key and the like) entries of its own.", "With many users there are many entries, each of little use; key.cookies names the cookies that matter.", before => before with { Key = before.Key with { Identity = IdentityRule.Isolate } });
        }

        yield return new("setCookie", "\"strip\"", "Stores the response without its Set-Cookie.", "Wrong if the body is made for the session that the cookie begins.", before => before with { StripSetCookie = true });
        if (policy.Origin != OriginFreshness.Override)
        {
            yield return new("origin", "\"override\"", "Uses ttl instead of the lifetime that the origin names.", "The origin said otherwise: be sure that it is not meant.", before => before with { Origin = OriginFreshness.Override });
        }
    }

    /// <summary>Whether an answer with this status is about who asked, how or when, and not about the resource: stored, it would be everybody's.</summary>
    public static bool SpeaksOfWhoAsked(int status) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden || Storability.IsOfTheMoment(status) || Storability.IsOfTheMessage(status);

    private static PolicyLever StatusLifetime(int status, int seconds, string caution) => new(
        $"statuses.{status}", $"\"{seconds}s\"", $"Keeps answers with status {status} for {seconds} seconds.", caution,
        before => before with { StatusTtl = new Dictionary<int, TimeSpan>(before.StatusTtl) { [status] = TimeSpan.FromSeconds(seconds) } });
}
