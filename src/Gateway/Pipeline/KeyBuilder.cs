using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Makes the primary key of a request, or says that it has none. Every part stands behind its own length, so the text is injective over
/// (deployment, policy, route, scheme, authority, target, keyed headers, identity); see <see cref="CacheKey"/> for the drawing.
/// </summary>
internal sealed class KeyBuilder(string deploymentId)
{
    /// <summary>Longest request target that is keyed; longer ones pass uncached.</summary>
    public const int MaxTarget = 8 * 1024;

    /// <summary>Longest keyed header value; a longer one makes the request pass uncached.</summary>
    private const int MaxHeaderValue = 1024;

    private readonly PolicyPart?[] _parts = new PolicyPart?[256];

    /// <summary>The authority and target a request is known by, or null when it cannot be keyed safely.</summary>
    public static (string Authority, string Target)? Identify(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (raw.Length > MaxTarget || RequestTarget.OriginForm(raw) is not { } target || !RequestTarget.IsKeyable(target))
        {
            return null;
        }

        return RequestTarget.NormaliseAuthority(context.Request.Headers.Host, context.Request.Scheme) is { } authority ? (authority, target) : null;
    }

    /// <summary>The key under <paramref name="policy"/>; null when a keyed part is beyond its limit.</summary>
    public CacheKey? Build(HttpContext context, CachePolicy policy, int tableVersion, string authority, string rawTarget, VerifiedClaim? claim)
    {
        var request = context.Request;
        var rules = policy.Key;
        var target = QueryRules.Apply(rawTarget, rules);
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[512]);
        text.AppendLiteral(CacheKey.Version);
        Part(ref text, deploymentId);
        Part(ref text, PartOf(policy, tableVersion));
        // Routes may lead to different origins, and one route from one day to the next.
        Part(ref text, context.Features.Get<IReverseProxyFeature>() is { } proxy ? RouteKey.Of(proxy.Route.Config) : "");
        Part(ref text, request.Scheme);
        Part(ref text, authority);
        var targetAt = Part(ref text, target);
        foreach (var name in rules.Headers)
        {
            var value = FieldLines.Find(request.Headers, name);
            if (value?.Length > MaxHeaderValue)
            {
                text.Clear();
                return null;
            }

            Part(ref text, name.ToLowerInvariant());
            Part(ref text, value is null ? "-" : "=" + value);
        }

        Part(ref text, Identity(context, rules, claim));
        var hasRoute = policy.Match.Path?.IsMatch(TargetParts.Path(target)) == true;
        return new CacheKey(text.ToStringAndClear(), new ResourceId(request.Scheme, authority, target, policy.Name, hasRoute), targetAt);
    }

    /// <summary>The policy and the version of its rules; the same text for every request until another policy takes its slot.</summary>
    private string PartOf(CachePolicy policy, int tableVersion)
    {
        ref var slot = ref _parts[RuntimeHelpers.GetHashCode(policy) & (_parts.Length - 1)];
        if (slot is not { } part || !ReferenceEquals(part.Policy, policy) || part.TableVersion != tableVersion)
        {
            part = new PolicyPart(policy, tableVersion, string.Create(CultureInfo.InvariantCulture, $"{policy.Name}@{tableVersion}.{policy.Version}#{policy.Key.Hash}"));
            slot = part;
        }

        return part.Text;
    }

    /// <summary>Where the part begins in the text.</summary>
    private static int Part(ref DefaultInterpolatedStringHandler text, string part)
    {
        text.AppendLiteral("|");
        text.AppendFormatted(part.Length);
        text.AppendLiteral(":");
        var at = text.Text.Length;
        text.AppendLiteral(part);
        return at;
    }

    /// <summary>
    /// An empty credential is one: the origin sees it. Under a claim all cookies count where the policy names none, because the origin sees all of them and the
    /// claim says nothing of them.
    /// </summary>
    private static string Identity(HttpContext context, KeyRules rules, VerifiedClaim? claim)
    {
        var headers = context.Request.Headers;
        switch (rules.Identity)
        {
            case IdentityRule.Claim when claim is not null:
                return $"claim:{Sized(claim.Value)}{Sized(claim.Issuer)}{Sized(claim.Audience)}{(rules.Cookies.Count > 0 ? Cookies(headers, rules) : AllCookies(context))}{Fields(headers)}";
            case IdentityRule.Isolate or IdentityRule.Claim:
                var authorization = FieldLines.Find(headers, HeaderNames.Authorization);
                var cookie = rules.Cookies.Count == 0 ? ForwardedFields.CookieOf(context)
                    : KeyedCookies(headers, rules) is { Length: > 0 } kept ? kept : null;
                return authorization is null && cookie is null ? Fields(headers) : "hash:" + Hash(authorization, cookie) + Fields(headers);
            default:
                // Shared on purpose, or left to the profile: single cookies may still be keyed.
                return Cookies(headers, rules);
        }
    }

    private static string Cookies(IHeaderDictionary headers, KeyRules rules) =>
        rules.Cookies.Count == 0 ? "" : "cookies:" + Hash("", KeyedCookies(headers, rules));

    private static string AllCookies(HttpContext context) =>
        ForwardedFields.CookieOf(context) is { } cookie ? "cookie:" + Hash("", cookie) : "";

    /// <summary>The other fields that say who asks; "" where there is none.</summary>
    private static string Fields(IHeaderDictionary headers)
    {
        var names = RequestReader.Credentials(headers);
        if (names.Length == 0)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var name in names)
        {
            text.Append(Sized(name.ToUpperInvariant())).Append(Sized(FieldLines.Find(headers, name)));
        }

        return "fields:" + Hash("", text.ToString());
    }

    /// <summary>What <see cref="ForwardedFields"/> leaves of them for the origin.</summary>
    private static string KeyedCookies(IHeaderDictionary headers, KeyRules rules) =>
        CookieValues.Select(FieldLines.Find(headers, HeaderNames.Cookie) ?? "", rules.Cookies);

    /// <summary>Credentials are never kept in a key in the clear: keys are listed and logged.</summary>
    private static string Hash(string? authorization, string? cookie) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Sized(authorization) + Sized(cookie))));

    /// <summary>Behind its length; "-" stands for none, which an empty one is not.</summary>
    private static string Sized(string? text) => text is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}");

    private sealed record PolicyPart(CachePolicy Policy, int TableVersion, string Text);
}
