using CacheGateway.Model;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Lint;

/// <summary>Policies that take nothing, everything, or are switched off.</summary>
internal static class MatchLints
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        new("shadowed", LintSeverity.Warning, Shadowed),
        new("no-policies", LintSeverity.Warning, Nothing),
        new("all-off", LintSeverity.Warning, AllOff),
        LintRule.Each("path-literal", LintSeverity.Warning, LooksLikeAHole),
        LintRule.Each("policy-off", LintSeverity.Note, Off),
        LintRule.Each("match-everything", LintSeverity.Note, Everything),
        LintRule.Each("forward-tags", LintSeverity.Note, ForwardedTags),
    ];

    /// <summary>A file that lost its policies is valid, and ends all caching.</summary>
    private static IEnumerable<LintHit> Nothing(LintedFile file) => file.Policies.Count > 0
        ? []
        : [new LintHit(Location.Root.Member("policies"), "there is none, so nothing is cached; write one like \"products\": { \"match\": { \"path\": \"/api/products\" }, \"ttl\": \"1m\" }")];

    /// <summary>Of two policies for the same paths the one that is tried first takes whatever satisfies both.</summary>
    private static IEnumerable<LintHit> Shadowed(LintedFile file)
    {
        var policies = file.Table.Policies;
        foreach (var (index, policy) in policies.Index())
        {
            if (policies.Take(index).FirstOrDefault(earlier => earlier.Name != policy.Name && Takes(earlier.Match, policy.Match)) is { } earlier)
            {
                yield return new LintHit(
                    Location.OfPolicy(policy.Name).Member("match"),
                    $"never takes a request{(policy.Match.Path is { } path ? $" for \"{path.Text}\"" : "")}: \"{earlier.Name}\" takes them all before it; "
                        + "narrow that one, or leave this one out (its \"invalidates\" still work)");
            }
        }
    }

    private static bool Takes(PolicyMatch earlier, PolicyMatch later) =>
        SamePaths(earlier.Path, later.Path)
        && later.Methods.All(earlier.Methods.Contains)
        && (earlier.Hosts.Count == 0 || (later.Hosts.Count > 0 && later.Hosts.All(earlier.Hosts.Contains)))
        && Within(earlier.Query, later.Query)
        && Within(earlier.Headers, later.Headers);

    private static bool SamePaths(PathTemplate? left, PathTemplate? right) => left is null || right is null ? left == right : left.TakesTheSameAs(right);

    /// <summary>Every condition of the first is one of the second, or weaker.</summary>
    private static bool Within(IReadOnlyDictionary<string, string?> first, IReadOnlyDictionary<string, string?> second) =>
        first.All(condition => second.TryGetValue(condition.Key, out var value) && (condition.Value is null || condition.Value == value));

    /// <summary>Other programs write holes so; here these are characters that a path may hold, and such a policy takes next to nothing.</summary>
    private static IEnumerable<LintHit> LooksLikeAHole(LintedPolicy policy)
    {
        var paths = policy.Section.Match?.Path ?? [];
        var at = policy.At.Member("match").Member("path");
        foreach (var (index, path) in paths.Index())
        {
            var parts = path.Split('/');
            var meant = string.Join('/', parts.Select((part, place) => Hole(part, isLast: place == parts.Length - 1)));
            if (meant != path)
            {
                yield return new LintHit(paths.Count > 1 ? at.Item(index) : at, $"takes \"{path}\" alone, as it stands there; did you mean \"{meant}\"?");
            }
        }
    }

    private static string Hole(string part, bool isLast) => part switch
    {
        "*" or "**" => isLast ? "{*rest}" : "{name}",
        [':', .. var name] when name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') => $"{{{name}}}",
        _ => part,
    };

    private static IEnumerable<LintHit> AllOff(LintedFile file)
    {
        if (!file.Table.Enabled)
        {
            yield return new LintHit(Location.Root.Member("enabled"), "is false: every request passes uncached; set it to true, or leave it out");
        }
    }

    private static IEnumerable<LintHit> Off(LintedPolicy policy)
    {
        if (!policy.Policy.Enabled)
        {
            yield return new LintHit(policy.At.Member("enabled"), "is false: its requests pass uncached, and no less specific policy stores them, however their path is spelled");
        }
    }

    private static IEnumerable<LintHit> Everything(LintedPolicy policy)
    {
        if (policy.Compiled.Any(one => one.Match.Path is null) && policy.StoresAnything)
        {
            yield return new LintHit(policy.At.Member("match"), "has no \"path\": it takes every request that no other policy takes, paths added later too");
        }
    }

    private static IEnumerable<LintHit> ForwardedTags(LintedPolicy policy)
    {
        if (policy.Policy.ForwardTags)
        {
            yield return new LintHit(policy.At.Member("forwardTags"), "shows clients the names of tags; only a cache behind this one has a use for them");
        }
    }
}
