using System.Text.RegularExpressions;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Architecture;

/// <summary>
/// The bugs that are planted to try the explorer of interleavings. To plant them all takes too long for every change; whether they still can be is seen at once.
/// </summary>
public sealed partial class PlantedBugTests
{
    private const string Patch = """
        --- a/src/Door.cs
        +++ b/src/Door.cs
        @@ -1,3 +1,2 @@
         {
        -    Lock();
         }

        """;

    private static readonly string[] Patches = Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Gateway.Interleavings", "mutants"), "*.patch");

    [Fact]
    public void EachBug_FitsTheSources()
    {
        var misfits = Patches.SelectMany(patch => PlantedBug.Read(NameOf(patch), File.ReadAllText(patch)).Misfits(SourceOf)).ToArray();

        Assert.InRange(Patches.Length, 20, 1000);
        Assert.True(misfits.Length == 0, string.Join('\n', misfits));
    }

    [Fact]
    public void Page_ListsEachBug()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "invalidation.md"));
        var listed = Row().Matches(page)
            .Select(row => (Name: row.Groups["name"].Value, IsFound: row.Groups["found"].Success)).ToArray();

        Assert.Equal(Patches.Select(NameOf).Order(StringComparer.Ordinal), listed.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.Contains($"{listed.Count(one => one.IsFound)} of {listed.Length} are found", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n    Lock();\n}\n", true)]
    [InlineData("class Door\n{\n    Lock();\n}\n", true)]
    [InlineData("{\n    Lock(twice: true);\n}\n", false)]
    [InlineData("{\n    // Nobody comes in.\n    Lock();\n}\n", false)]
    [InlineData("{\n    Lock();\n}\n{\n    Lock();\n}\n", false)]
    [InlineData("{\n    Lock();", false)]
    [InlineData(null, false)]
    public void Bug_FitsWhereItsLinesFollowEachOtherOnce(string? source, bool fits) =>
        Assert.Equal(fits, !PlantedBug.Read("unlocked", Patch).Misfits(file => file == "src/Door.cs" ? source : "").Any());

    /// <summary>One that changes nothing, or is shorter than it says, plants nothing.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("--- a/src/Door.cs\n+++ b/src/Door.cs\n")]
    [InlineData("--- a/src/Door.cs\n+++ b/src/Door.cs\n@@ -1,1 +1,1 @@\n {\n")]
    [InlineData("--- a/src/Door.cs\n+++ b/src/Door.cs\n@@ -1,3 +1,2 @@\n {\n-    Lock();\n")]
    [InlineData("--- a/src/Door.cs\n+++ b/src/Door.cs\n@@ -1,2 +1,1 @@\n {\n-    Lock();\n }\n")]
    public void Patch_ThatIsNone_IsRefused(string patch) => Assert.Throws<FormatException>(() => PlantedBug.Read("unlocked", patch));

    private static string NameOf(string patch) => Path.GetFileNameWithoutExtension(patch);

    private static string? SourceOf(string file)
    {
        var path = Path.Combine(Repository.Root, file);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    [GeneratedRegex(@"^\| `(?<name>[a-z-]+)` \| (?:(?<found>\d+)|not found) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
