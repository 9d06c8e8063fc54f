using CacheGateway.Model;

namespace CacheGateway.Policies.Lint;

/// <summary>What may show one user's answer to another.</summary>
internal static class SharingLints
{
    private static readonly string[] Credentials = ["Authorization", "Cookie", "Proxy-Authorization"];

    /// <summary>Path segments that usually stand before what belongs to one user.</summary>
    private static readonly string[] Personal =
        ["me", "my", "mine", "self", "account", "accounts", "profile", "session", "sessions", "basket", "cart", "checkout", "permissions", "inbox"];

    public static readonly IReadOnlyList<LintRule> All =
    [
        LintRule.Each("share-credentials", LintSeverity.Warning, ShareOfCredentials),
        LintRule.Each("share-wide", LintSeverity.Warning, WideShare),
        LintRule.Each("share-personal", LintSeverity.Warning, PersonalShare),
        LintRule.Each("isolate-by-cookies", LintSeverity.Warning, NamedCookies),
        LintRule.Each("client-public", LintSeverity.Warning, PublicForClients),
        LintRule.Each("client-public-unasked", LintSeverity.Note, PublicForClientsOfNobody),
        LintRule.Each("set-cookie-strip", LintSeverity.Warning, StrippedCookies),
        LintRule.Each("ignore-directives", LintSeverity.Warning, IgnoredDirectives),
        LintRule.Each("vary-ignore", LintSeverity.Warning, IgnoredVary),
        LintRule.Each("profile-rfc9111", LintSeverity.Note, Letter),
    ];

    private static bool Shares(LintedPolicy policy) => policy.Policy.Key.Identity == IdentityRule.Share;

    private static IEnumerable<LintHit> ShareOfCredentials(LintedPolicy policy) =>
        Shares(policy)
            ? policy.Policy.Match.Headers.Keys.Where(IsCredential).Select(header => new LintHit(
                policy.At.Member("key").Member("identity"),
                $"takes requests by their {header} and shows one user's answer to all others; use \"isolate\", or \"claim:NAME\" with \"tokens\""))
            : [];

    private static IEnumerable<LintHit> WideShare(LintedPolicy policy)
    {
        if (Shares(policy) && policy.Compiled.FirstOrDefault(one => one.Match.Path is not { } path || path.Text.Contains("{*", StringComparison.Ordinal)) is { } wide)
        {
            yield return new LintHit(
                policy.At.Member("key").Member("identity"),
                $"shares everything {(wide.Match.Path is { } path ? $"below \"{path.Text}\"" : "on every path")}, pages added later too; name the paths that are the same for everyone");
        }
    }

    private static IEnumerable<LintHit> PersonalShare(LintedPolicy policy) =>
        Shares(policy)
            ? policy.Compiled
                .SelectMany(one => (one.Match.Path?.Text ?? "").Split('/'))
                .Where(segment => Personal.Contains(segment, StringComparer.OrdinalIgnoreCase))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(segment => new LintHit(
                    policy.At.Member("key").Member("identity"),
                    $"shares a path with \"{segment}\" in it, which usually answers each user differently; use \"isolate\" if it does"))
            : [];

    private static IEnumerable<LintHit> NamedCookies(LintedPolicy policy)
    {
        if (policy.Policy.Key is { Identity: IdentityRule.Isolate, Cookies.Count: > 0 })
        {
            yield return new LintHit(
                policy.At.Member("key").Member("cookies"),
                "of cookies, these alone tell users apart; name every cookie that the answer depends on, or leave the member out to count them all");
        }
    }

    private static IEnumerable<LintHit> PublicForClients(LintedPolicy policy) => !IsPersonal(policy) ? [] : SharedByClients(policy).Select(word => new LintHit(
        policy.At.Member("client").Member("cacheControl"),
        $"says {word} of answers that are kept apart by user here: a cache behind this one would share them; say \"private\""));

    /// <summary>Nothing says whose they are: most are everybody's, and who comes with credentials gets answers of one's own under the same words.</summary>
    private static IEnumerable<LintHit> PublicForClientsOfNobody(LintedPolicy policy) => IsPersonal(policy) || Shares(policy) ? [] : SharedByClients(policy).Select(word => new LintHit(
        policy.At.Member("client").Member("cacheControl"),
        $"says {word} of answers to requests with credentials, too, which are kept apart by user where \"key.identity\" is not set; say \"share\" there if they are the same for everyone, else \"isolate\", and \"private\" here"));

    /// <summary>The file says that answers are one user's.</summary>
    private static bool IsPersonal(LintedPolicy policy) =>
        (policy.Section.Key?.Identity is not null && !Shares(policy)) || policy.Policy.Match.Headers.Keys.Any(IsCredential);

    /// <summary>By which clients are told that caches may share it; none where they are not.</summary>
    private static IEnumerable<string> SharedByClients(LintedPolicy policy) =>
        policy.Policy.ClientCacheControl is { } client ? CacheControlWords.Of(client.Directives).Where(word => word is "public" or "s-maxage").Take(1) : [];

    private static IEnumerable<LintHit> StrippedCookies(LintedPolicy policy)
    {
        if (policy.Policy.StripSetCookie)
        {
            yield return new LintHit(
                policy.At.Member("setCookie"),
                "stores answers that set a cookie, without it; be sure that their body is the same for everyone the key lets in");
        }
    }

    private static IEnumerable<LintHit> IgnoredDirectives(LintedPolicy policy)
    {
        if (policy.Policy.IgnoredDirectives != OriginDirectives.None)
        {
            yield return new LintHit(
                policy.At.Member("ignoreDirectives"),
                "stores what the origin says must not be stored or shared; be sure that it says so of every answer without meaning it, and of none that is one user's");
        }
    }

    private static IEnumerable<LintHit> IgnoredVary(LintedPolicy policy) =>
        policy.Policy.Vary.Where(vary => vary.Value == VaryAction.Ignore).Select(vary => new LintHit(
            policy.At.Member("vary").Member(vary.Key),
            $"gives everybody what was made for the {vary.Key} of whoever asked first; be sure that it makes no difference, or send none (\"dropRequestHeaders\")"));

    private static IEnumerable<LintHit> Letter(LintedPolicy policy)
    {
        if (policy.Policy.Profile == CacheProfile.Rfc9111)
        {
            yield return new LintHit(
                policy.At.Member("profile"), "stores Set-Cookie and errors with explicit freshness; \"safe\" does not");
        }
    }

    private static bool IsCredential(string header) => Http.CredentialFields.Are(header) || Credentials.Contains(header, StringComparer.OrdinalIgnoreCase);
}
