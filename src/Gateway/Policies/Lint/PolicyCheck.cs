using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Lint;

/// <summary>Everything that can be said of a policy file without running it: the reader's errors, else every lint.</summary>
internal static class PolicyCheck
{
    public static readonly IReadOnlyList<LintRule> Lints = [.. SharingLints.All, .. KeyLints.All, .. LifetimeLints.All, .. TagLints.All, .. UnseenLints.All, .. ConditionLints.All, .. MatchLints.All];

    /// <param name="utf8">The file.</param>
    /// <param name="fileName">Stands at the beginning of each finding.</param>
    /// <param name="events">Events that the backend is known to send; each needs a rule.</param>
    /// <returns>In the order of the file.</returns>
    public static IReadOnlyList<PolicyFinding> Run(ReadOnlySpan<byte> utf8, string fileName, IReadOnlyList<string> events)
    {
        var lines = LineIndex.Of(utf8);
        var (document, table, errors) = PolicyReader.ReadWhole(utf8, fileName);
        IEnumerable<PolicyFinding> found = document is null || table is null
            ? lines.Locate(errors).Select(error => Invalid(error, lines))
            : Lints.SelectMany(lint => lint.Find(new LintedFile(document, table, events))
                .Select(hit => new PolicyFinding(fileName, lines.LineOf(hit.At.Policy, hit.At.Path), lint.Severity, lint.Code, hit.At.Policy, hit.At.Path, hit.Message)));
        return [.. found.OrderBy(finding => finding.Line ?? 0)];
    }

    private static PolicyFinding Invalid(PolicyError error, LineIndex lines) => new(
        error.File, error.Line ?? lines.LineOf(error.Policy, error.Path), LintSeverity.Error, PolicyFinding.Invalid, error.Policy, error.Path,
        error.Value is null ? error.Message : $"{error.Value} {error.Message}");
}
