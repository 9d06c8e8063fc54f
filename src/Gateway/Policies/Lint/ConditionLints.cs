using CacheGateway.Model;

namespace CacheGateway.Policies.Lint;

/// <summary>Conditions on headers that no key holds.</summary>
internal static class ConditionLints
{
    private const string Get = "GET";

    public static readonly IReadOnlyList<LintRule> All =
    [
        LintRule.Each("condition-unkeyed", LintSeverity.Warning, AnyValue),
        new("condition-beside", LintSeverity.Note, Beside),
    ];

    private static IEnumerable<LintHit> AnyValue(LintedPolicy policy) => !policy.StoresAnything ? [] :
        FieldConditions.Untold(policy.Policy, policy.Policy).Select(name => new LintHit(
            policy.At.Member("match").Member("headers").Member(name),
            $"takes every value, and none is in the key: unless the origin says Vary, the answer to one is given to all; name \"{name}\" in \"key.headers\""));

    private static IEnumerable<LintHit> Beside(LintedFile file)
    {
        foreach (var policy in file.Policies.Where(policy => policy.StoresAnything))
        {
            var asking = file.Table.Policies.Where(other => other.Match.Headers.Count > 0 && policy.Compiled.Any(one => Takes(one, other)));
            foreach (var (name, other) in asking.SelectMany(other => FieldConditions.Untold(other, policy.Policy).Select(name => (name, other.Name))).Distinct())
            {
                yield return new LintHit(
                    policy.At.Member("key").Member("headers"),
                    $"has no \"{name}\", which \"{other}\" asks for: requests that have it and do not go there pass uncached; name it here, or in \"dropRequestHeaders\" where the origin need not see it");
            }
        }
    }

    /// <summary>Whether a request for the path of <paramref name="other"/> goes by <paramref name="policy"/> when it does not go there.</summary>
    private static bool Takes(CachePolicy policy, CachePolicy other) =>
        other.Name != policy.Name && other.Match.Methods.Contains(Get) && PolicyIndex.BySpecificity.Compare(other, policy) <= 0
        && (policy.Match.Path is not { } path || (other.Match.Path is { } others && (path.TakesTheSameAs(others) || path.IsMatch(others.Text))))
        && (policy.Match.Hosts.Count == 0 || other.Match.Hosts.Count == 0 || policy.Match.Hosts.Intersect(other.Match.Hosts, StringComparer.Ordinal).Any());
}
