using System.Text.RegularExpressions;

namespace CacheGateway.Tests.Architecture;

/// <summary>One file under src/ as the structure tests read it.</summary>
/// <param name="Path">Relative to src/, with forward slashes.</param>
/// <param name="Text">As it stands.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>Without comments, which may name what code may not.</summary>
    public string Code { get; } = Comment().Replace(Text, "");

    /// <summary>The files of <paramref name="project"/>, generated ones left out.</summary>
    public static IReadOnlyList<SourceFile> In(string project)
    {
        var src = System.IO.Path.Combine(global::Gateway.Tests.Policies.Repository.Root, "src");
        return [.. Directory.EnumerateFiles(System.IO.Path.Combine(src, project), "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Path: System.IO.Path.GetRelativePath(src, file).Replace('\\', '/')))
            .Where(file => !file.Path.Split('/').Any(part => part is "bin" or "obj"))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file => new SourceFile(file.Path, System.IO.File.ReadAllText(file.File)))];
    }

    // Line comments alone: the sources have no others, and "//" inside a string (a URL) costs no more than the rest of its line.
    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
