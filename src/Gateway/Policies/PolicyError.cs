using System.Globalization;

namespace CacheGateway.Policies;

/// <summary>One thing that is wrong with a policy file, said on one line.</summary>
/// <param name="File">The file's name as it was given.</param>
/// <param name="Policy">The policy it stands in, or null outside of all.</param>
/// <param name="Path">JSON path, from the policy where there is one, else from the top of the file; null when the whole file is meant.</param>
/// <param name="Value">The value as JSON, shortened; null where none is to blame.</param>
/// <param name="Message">What would be right.</param>
public sealed record PolicyError(string File, string? Policy, string? Path, string? Value, string Message)
{
    /// <summary>Counted from 1; null where no place in the file is to blame, or none was looked for.</summary>
    public int? Line { get; init; }

    /// <summary>What is wrong is that the place stands twice.</summary>
    internal bool IsRepeated { get; init; }

    /// <summary>Which of several that stand there is meant; "" = the first.</summary>
    internal string Occurrence { get; init; } = "";

    public override string ToString()
    {
        var line = Line is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
        var policy = Policy is null ? "" : $"policy \"{Policy}\": ";
        var path = Path is null ? "" : Path + ": ";
        var value = Value is null ? "" : Value + " ";
        return $"{File}{line}: {policy}{path}{value}{Message}";
    }
}
