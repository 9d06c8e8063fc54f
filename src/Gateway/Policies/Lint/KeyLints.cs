using CacheGateway.Model;

namespace CacheGateway.Policies.Lint;

/// <summary>What makes more entries than anybody will ever hit.</summary>
internal static class KeyLints
{
    private const string UserAgent = "User-Agent";

    /// <summary>Different for each client, or for each request.</summary>
    private static readonly string[] Unbounded =
    [
        "X-Real-IP", "Forwarded", "Referer", "Traceparent", "Tracestate", "X-Request-Id", "X-Correlation-Id", "Date", "Accept",
        "Sec-CH-UA", "If-None-Match",
    ];

    /// <summary>As the gateway sees the connection, whatever the client says; unless a route of <c>--config</c> says otherwise, which a policy cannot know. X-Forwarded-For cannot be keyed at all.</summary>
    private static readonly string[] WrittenAnew = ["X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix"];

    public static readonly IReadOnlyList<LintRule> All =
    [
        LintRule.Each("key-user-agent", LintSeverity.Warning, ByUserAgent),
        LintRule.Each("key-unbounded", LintSeverity.Warning, ByRequest),
        LintRule.Each("key-forwarded", LintSeverity.Warning, ByConnection),
        LintRule.Each("query-unbounded", LintSeverity.Note, EveryParameter),
        LintRule.Each("vary-exact", LintSeverity.Note, ExactSpellings),
    ];

    private static IEnumerable<LintHit> ByUserAgent(LintedPolicy policy)
    {
        const string Advice = "; thousands of spellings make thousands of entries. Key a header that says what matters (mobile or not), or set \"vary\": {\"User-Agent\": \"bypass\"}";
        foreach (var (index, header) in policy.Policy.Key.Headers.Index())
        {
            if (header.Equals(UserAgent, StringComparison.OrdinalIgnoreCase))
            {
                yield return new LintHit(policy.At.Member("key").Member("headers").Item(index), "keys " + UserAgent + Advice);
            }
        }

        if (policy.Policy.Vary.TryGetValue(UserAgent, out var action) && action != VaryAction.Bypass)
        {
            yield return new LintHit(policy.At.Member("vary").Member(NameOf(policy, UserAgent)), "varies on " + UserAgent + Advice);
        }
    }

    private static IEnumerable<LintHit> ByRequest(LintedPolicy policy) =>
        policy.Policy.Key.Headers.Index()
            .Where(header => Unbounded.Contains(header.Item, StringComparer.OrdinalIgnoreCase))
            .Select(header => new LintHit(
                policy.At.Member("key").Member("headers").Item(header.Index),
                $"keys {header.Item}, which nearly every client sends differently: hardly anything will hit; leave it out"));

    private static IEnumerable<LintHit> ByConnection(LintedPolicy policy) =>
        policy.Policy.Key.Headers.Index()
            .Where(header => WrittenAnew.Contains(header.Item.Replace('_', '-'), StringComparer.OrdinalIgnoreCase))
            .Select(header => new LintHit(
                policy.At.Member("key").Member("headers").Item(header.Index),
                $"keys what the client wrote as {header.Item}, and the origin is told what this gateway sees (unless transforms of its route leave the client's): scheme and host are always keyed; leave it out"));

    private static IEnumerable<LintHit> EveryParameter(LintedPolicy policy)
    {
        if (policy.StoresAnything && policy.Section.Key?.Query is not { } query)
        {
            yield return new LintHit(
                policy.At.Member("key").Member("query"),
                "is not set: every query parameter a client invents makes an entry of its own; name those that count with \"include\" ([] for none)");
        }
    }

    private static IEnumerable<LintHit> ExactSpellings(LintedPolicy policy) =>
        policy.Policy.Vary
            .Where(vary => vary.Value == VaryAction.Exact && vary.Key.StartsWith("Accept", StringComparison.OrdinalIgnoreCase))
            .Select(vary => new LintHit(
                policy.At.Member("vary").Member(NameOf(policy, vary.Key)),
                "compares by bytes, so \"gzip, br\" and \"br,gzip\" are two entries; \"normalise\" makes them one"));

    /// <summary>As it is spelt in the file.</summary>
    private static string NameOf(LintedPolicy policy, string header) =>
        policy.Section.Vary?.Keys.FirstOrDefault(name => name.Equals(header, StringComparison.OrdinalIgnoreCase)) ?? header;
}
