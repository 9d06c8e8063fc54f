using System.Text.RegularExpressions;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Architecture;

/// <summary>A page that names a source file, or a test, names one that there is.</summary>
public sealed partial class DocumentedPathsTests
{
    private static readonly string[] Pages = [Path.Combine(Repository.Root, "README.md"), .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)];

    private static readonly string[] Sources = [.. Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
        .Select(file => "/" + Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))];

    [Fact]
    public void SourceFiles_ThatPagesName_AreThere()
    {
        var named = Pages.SelectMany(page => Named().Matches(File.ReadAllText(page)).Select(match => (Page: Path.GetFileName(page), Path: match.Value))).Distinct().ToArray();

        Assert.InRange(named.Length, 20, 10_000);
        Assert.DoesNotContain(named, one => !Array.Exists(Sources, source => source.EndsWith("/" + one.Path, StringComparison.Ordinal)));
    }

    /// <summary>By its class and its name, or the beginning of that with "..." behind it.</summary>
    [Fact]
    public void Tests_ThatPagesName_AreThere()
    {
        var named = Pages.SelectMany(page => Test().Matches(File.ReadAllText(page)).Select(match => (Page: Path.GetFileName(page), Class: match.Groups["class"].Value, Method: match.Groups["method"].Value, IsWhole: !match.Groups["more"].Success)))
            .Distinct().ToArray();
        var texts = Sources.Where(source => source.StartsWith("/tests/", StringComparison.Ordinal)).ToLookup(source => Path.GetFileNameWithoutExtension(source), source => File.ReadAllText(Repository.Root + source));

        Assert.InRange(named.Length, 20, 10_000);
        Assert.DoesNotContain(named, one => !texts[one.Class].Any(text => text.Contains($" {one.Method}{(one.IsWhole ? "(" : "")}", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"(?<![\w./])(?<class>\w+Tests)\.(?!cs\b)(?<method>\w+)(?<more>\.\.\.)?")]
    private static partial Regex Test();

    /// <summary>With folders or without, as far as they are written.</summary>
    [GeneratedRegex(@"(?<![\w*.])(?:\w[\w.-]*/)*\w[\w.-]*\.cs(?!\w)")]
    private static partial Regex Named();
}
