using System.Text.RegularExpressions;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Architecture;

/// <summary>A page that names a source file names one that there is.</summary>
public sealed partial class DocumentedPathsTests
{
    private static readonly string[] Sources = [.. Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
        .Select(file => "/" + Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))];

    [Fact]
    public void SourceFiles_ThatPagesName_AreThere()
    {
        string[] pages = [Path.Combine(Repository.Root, "README.md"), .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)];
        var named = pages.SelectMany(page => Named().Matches(File.ReadAllText(page)).Select(match => (Page: Path.GetFileName(page), Path: match.Value))).Distinct().ToArray();

        Assert.InRange(named.Length, 20, 10_000);
        Assert.DoesNotContain(named, one => !Array.Exists(Sources, source => source.EndsWith("/" + one.Path, StringComparison.Ordinal)));
    }

    /// <summary>With folders or without, as far as they are written.</summary>
    [GeneratedRegex(@"(?<![\w*.])(?:\w[\w.-]*/)*\w[\w.-]*\.cs(?!\w)")]
    private static partial Regex Named();
}
