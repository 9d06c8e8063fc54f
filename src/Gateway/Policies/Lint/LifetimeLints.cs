using CacheGateway.Model;

namespace CacheGateway.Policies.Lint;

/// <summary>What keeps answers for longer than their author may think, or not at all.</summary>
internal static class LifetimeLints
{
    private static readonly TimeSpan LongTtl = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongError = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongGrace = TimeSpan.FromDays(1);

    public static readonly IReadOnlyList<LintRule> All =
    [
        LintRule.Each("origin-override", LintSeverity.Warning, Override),
        LintRule.Each("smaxage-stale", LintSeverity.Warning, StaleAfterSharedAge),
        new("ttl-uncleared", LintSeverity.Warning, file => file.Policies.SelectMany(policy => LongWithoutClearing(file, policy))),
        LintRule.Each("ttl-zero", LintSeverity.Warning, NoLifetime),
        LintRule.Each("ttl-unused", LintSeverity.Warning, LifetimeOfWrites),
        LintRule.Each("stale-long", LintSeverity.Warning, LongStale),
        LintRule.Each("error-ttl", LintSeverity.Warning, LongErrors),
        LintRule.Each("range-over-body", LintSeverity.Warning, RangeOverBody),
        LintRule.Each("reload-ignore", LintSeverity.Note, IgnoredReload),
    ];

    private static IEnumerable<LintHit> Override(LintedPolicy policy)
    {
        if (policy.Policy.Origin == OriginFreshness.Override)
        {
            yield return new LintHit(
                policy.At.Member("origin"),
                "puts \"ttl\" in place of the lifetimes that the origin names, shorter ones too; \"fallback\" uses it only where the origin names none");
        }
    }

    /// <summary>RFC 9111 5.2.2.10: s-maxage has the meaning of proxy-revalidate.</summary>
    private static IEnumerable<LintHit> StaleAfterSharedAge(LintedPolicy policy)
    {
        var words = CacheControlWords.Of(policy.Policy.ClientCacheControl?.Directives ?? "").ToList();
        if (words.Contains("s-maxage") && (words.Contains("stale-while-revalidate") || policy.Policy.StaleWhileRevalidate > TimeSpan.Zero))
        {
            yield return new LintHit(
                policy.At.Member("client").Member("cacheControl"),
                "names s-maxage, after which no shared cache behind this one may serve stale (RFC 9111 5.2.2.10), so stale-while-revalidate has no effect there; use max-age");
        }
    }

    private static IEnumerable<LintHit> LongWithoutClearing(LintedFile file, LintedPolicy policy)
    {
        if (policy.StoresAnything && policy.Policy.Ttl > LongTtl && !LintedFile.Places(policy.Section.Tags, policy.At).Any(place => file.IsRaised(place.Tag)))
        {
            yield return new LintHit(
                policy.At.Member("ttl"),
                "is longer than a day, and nothing in this file clears it when it changes; give it \"tags\" that a write's \"invalidates\" or an event raises, or shorten it");
        }
    }

    private static IEnumerable<LintHit> NoLifetime(LintedPolicy policy)
    {
        if (policy.Policy.Ttl == TimeSpan.Zero && policy.Policy.Origin != OriginFreshness.Respect)
        {
            yield return new LintHit(
                policy.At.Member("ttl"), "of zero stores nothing that the origin gives no lifetime; leave it out, or use \"enabled\": false to say that nothing is stored");
        }
    }

    private static IEnumerable<LintHit> LifetimeOfWrites(LintedPolicy policy)
    {
        if (policy.Section.Ttl is not null && !policy.Policy.Match.Methods.Contains("GET"))
        {
            yield return new LintHit(policy.At.Member("ttl"), "has no effect: only GET is ever stored, and \"methods\" does not name it");
        }
    }

    private static IEnumerable<LintHit> LongStale(LintedPolicy policy)
    {
        if (policy.Policy.StaleWhileRevalidate > LongGrace)
        {
            yield return new LintHit(
                policy.At.Member("staleWhileRevalidate"),
                "is longer than a day: whoever asks first after a quiet day gets yesterday's answer; some seconds are enough for a route that is asked often");
        }
    }

    private static IEnumerable<LintHit> LongErrors(LintedPolicy policy) =>
        policy.Policy.StatusTtl
            .Where(status => status.Key >= 500 && status.Value > LongError)
            .Select(status => new LintHit(
                policy.At.Member("statuses").Member($"{status.Key}"), "keeps a server's error for longer than a minute after it may have recovered; some seconds protect it as well"));

    private static IEnumerable<LintHit> RangeOverBody(LintedPolicy policy)
    {
        if (policy.Policy.RangeFetchWhole > policy.Policy.MaxBodyBytes)
        {
            yield return new LintHit(
                policy.At.Member("rangeFetchWhole"), "is above \"maxBody\": a body between the two is fetched whole, and not stored; for two minutes after, its ranges are asked for as they are. Lower it, or raise \"maxBody\"");
        }
    }

    private static IEnumerable<LintHit> IgnoredReload(LintedPolicy policy)
    {
        if (policy.Policy.ClientReload == ClientReload.Ignore)
        {
            yield return new LintHit(
                policy.At.Member("client").Member("reload"), "takes from users the way to see the newest by reloading; \"collapse\" grants it at one origin call per key and second");
        }
    }
}
