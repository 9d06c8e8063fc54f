using System.Globalization;

namespace CacheGateway.Policies.Lint;

/// <summary>One thing that is wrong with a policy file, or that may be: an error of the reader or a lint.</summary>
/// <param name="File">The file's name as it was given.</param>
/// <param name="Line">Counted from 1; null where no place in the file is to blame.</param>
/// <param name="Severity">Errors keep the file from being taken.</param>
/// <param name="Code">Names the lint in docs/policies.md; "invalid" for errors.</param>
/// <param name="Policy">The policy it stands in, or null outside of all.</param>
/// <param name="Path">JSON path, from the policy where there is one, else from the top of the file; null when the whole file is meant.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
internal sealed record PolicyFinding(string File, int? Line, LintSeverity Severity, string Code, string? Policy, string? Path, string Message)
{
    public const string Invalid = "invalid";

    public override string ToString()
    {
        var line = Line is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{Line}:");
        var policy = Policy is null ? "" : $"policy \"{Policy}\": ";
        var path = Path is null ? "" : $"{Path}: ";
        return $"{File}:{line} {Severity.ToString().ToLowerInvariant()}: {policy}{path}{Message} [{Code}]";
    }
}
