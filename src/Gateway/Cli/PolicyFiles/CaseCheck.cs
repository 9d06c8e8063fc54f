using System.Globalization;
using CacheGateway.Policies;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary>Compares what came out of a case with what its author expects.</summary>
internal static class CaseCheck
{
    /// <summary>One line for each difference; none = the case holds.</summary>
    /// <param name="expected">Of the case.</param>
    /// <param name="outcome">Of the case.</param>
    /// <param name="others">The outcomes of all cases by name.</param>
    /// <param name="policies">The names of all policies; null = they are not known.</param>
    public static IReadOnlyList<string> Differences(
        CaseExpectation expected, TrialOutcome outcome, IReadOnlyDictionary<string, TrialOutcome> others, IReadOnlyList<string>? policies = null) =>
    [
        .. Text("policy", expected.Policy, outcome.Policy ?? "none").Select(difference => difference + Unknown(expected.Policy!, policies)),
        .. Text("decision", expected.Decision, outcome.Decision),
        .. Text("reason", expected.Reason, outcome.Reason ?? "none"),
        .. Text("target", expected.Target, outcome.Target ?? "none"),
        .. Time("ttl", expected.Ttl, outcome.Ttl),
        .. Time("staleWhileRevalidate", expected.StaleWhileRevalidate, outcome.StaleWhileRevalidate),
        .. Time("staleIfError", expected.StaleIfError, outcome.StaleIfError),
        .. Set("tags", expected.Tags, outcome.Tags, StringComparer.Ordinal),
        .. Set("vary", expected.Vary, outcome.Vary, StringComparer.OrdinalIgnoreCase),
        .. Set("clears", expected.Clears, outcome.Clears, StringComparer.Ordinal),
        .. Key("sameKeyAs", expected.SameKeyAs, outcome, others, same: true),
        .. Key("otherKeyThan", expected.OtherKeyThan, outcome, others, same: false),
    ];

    private static IEnumerable<string> Text(string what, string? expected, string actual) =>
        expected is null || expected == actual ? [] : [$"{what}: expected {expected}, got {actual}"];

    private static string Unknown(string policy, IReadOnlyList<string>? policies) =>
        policies is null || policy == "none" || policies.Contains(policy) ? "" : $"; {UnknownPolicy.Text(policy, policies)}";

    private static IEnumerable<string> Time(string what, string? expected, double? actual)
    {
        if (expected is null)
        {
            return [];
        }

        var wanted = DurationText.TryParse(expected);
        return wanted is null ? [$"{what}: \"{expected}\" is no duration; write it like \"5m\" or \"30s\""]
            : wanted.Value.TotalSeconds == actual ? []
            : [string.Create(CultureInfo.InvariantCulture, $"{what}: expected {expected}, got {(actual is { } seconds ? $"{seconds}s" : "none")}")];
    }

    private static IEnumerable<string> Set(string what, IReadOnlyList<string>? expected, IReadOnlyList<string> actual, StringComparer comparer) =>
        expected is null || expected.ToHashSet(comparer).SetEquals(actual)
            ? []
            : [$"{what}: expected {Listed(expected)}, got {Listed(actual)}"];

    private static IEnumerable<string> Key(string what, string? name, TrialOutcome outcome, IReadOnlyDictionary<string, TrialOutcome> others, bool same)
    {
        if (name is null)
        {
            return [];
        }

        if (!others.TryGetValue(name, out var other))
        {
            return [$"{what}: there is no case \"{name}\""];
        }

        return outcome.KeyText is null || other.KeyText is null ? [$"{what}: {(outcome.KeyText is null ? "this case" : $"\"{name}\"")} has no key: it is not looked up"]
            : (outcome.KeyText == other.KeyText) == same ? []
            : [same ? $"{what}: \"{name}\" has another key" : $"{what}: \"{name}\" has the same key, so one's answer is served to the other"];
    }

    private static string Listed(IReadOnlyList<string> values) => $"[{string.Join(", ", values)}]";
}
