using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Lint;

/// <summary>One lint: a pure question to a file that is valid.</summary>
/// <param name="Code">Its name in output and in docs/policies.md.</param>
/// <param name="Severity">Never <see cref="LintSeverity.Error"/>: what must not be taken is refused by the reader.</param>
/// <param name="Find">Every place it holds at.</param>
internal sealed record LintRule(string Code, LintSeverity Severity, Func<LintedFile, IEnumerable<LintHit>> Find)
{
    /// <summary>A lint that looks at one policy at a time.</summary>
    public static LintRule Each(string code, LintSeverity severity, Func<LintedPolicy, IEnumerable<LintHit>> find) =>
        new(code, severity, file => file.Policies.SelectMany(find));
}

/// <param name="At">Where.</param>
/// <param name="Message">What, and what would be right.</param>
internal readonly record struct LintHit(Location At, string Message);
