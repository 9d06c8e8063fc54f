using System.Text.RegularExpressions;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Architecture;

/// <summary>A page that names a source file, a test, another page or a heading of one, names one that there is.</summary>
public sealed partial class DocumentedPathsTests
{
    private static readonly string[] Pages = [Path.Combine(Repository.Root, "README.md"), .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)];

    private static readonly string[] Linking = [.. Pages, .. new[] { "SECURITY.md", "bench/README.md", "bench/results/README.md", "src/BackendApi/README.md" }.Select(page => Path.Combine(Repository.Root, page))];

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

    [Fact]
    public void Links_OfPages_LeadSomewhere()
    {
        var links = Linking.SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(match => (
            Page: Path.GetRelativePath(Repository.Root, page), To: match.Value,
            Path: match.Groups["path"].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, match.Groups["path"].Value)), Heading: match.Groups["heading"].Value))).ToArray();

        Assert.InRange(links.Length, 100, 10_000);
        Assert.DoesNotContain(links, link => !(File.Exists(link.Path) || Directory.Exists(link.Path)) || (link.Heading.Length > 0 && !Anchors(link.Path).Contains(link.Heading)));
    }

    /// <summary>What a link to a heading says, as GitHub makes it: in lower case, without punctuation, hyphens for spaces. A second one of the same words has another.</summary>
    private static IEnumerable<string> Anchors(string page) =>
        Heading().Matches(Code().Replace(File.ReadAllText(page), "")).Select(match => Punctuation().Replace(match.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'))
            .GroupBy(anchor => anchor).SelectMany(same => same.Select((anchor, i) => i == 0 ? anchor : $"{anchor}-{i}"));

    /// <summary>In this repository.</summary>
    [GeneratedRegex(@"\]\((?<path>[^):\s#]*)(?:#(?<heading>[^)\s]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"(?<![\w./])(?<class>\w+Tests)\.(?!cs\b)(?<method>\w+)(?<more>\.\.\.)?")]
    private static partial Regex Test();

    /// <summary>With folders or without, as far as they are written.</summary>
    [GeneratedRegex(@"(?<![\w*.])(?:\w[\w.-]*/)*\w[\w.-]*\.cs(?!\w)")]
    private static partial Regex Named();
}
