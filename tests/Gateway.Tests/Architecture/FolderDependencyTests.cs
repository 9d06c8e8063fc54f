using System.Text.RegularExpressions;

namespace CacheGateway.Tests.Architecture;

/// <summary>The folders of the gateway depend one way only: who reads one folder need not know those above it.</summary>
public sealed partial class FolderDependencyTests
{
    /// <summary>
    /// From the bottom up; a folder may use those on lower steps, never its neighbours. Cli is on top of Hosting because <c>run</c> makes the
    /// application that Hosting wires, and nothing that is hosted asks for a command.
    /// </summary>
    private static readonly string[][] Steps =
    [
        ["Model", "Files"], ["Http"], ["Policies", "Storage", "Interim", "Framing"], ["Invalidation"], ["Pipeline"], ["Warming"], ["Operations"], ["Admin"], ["Dashboard"], ["Hosting"], ["Cli"],
    ];

    /// <summary>Beside the steps: anyone may use it, and it uses the bottom alone.</summary>
    private const string Beside = "Diagnostics";

    private static readonly ILookup<string, string> Types = typeof(Policies.PolicySchema).Assembly.GetTypes()
        .Where(type => type.Namespace?.StartsWith("CacheGateway.", StringComparison.Ordinal) == true)
        .ToLookup(type => type.Namespace!.Split('.')[1], type => type.Name.Split('`')[0]);

    [Fact]
    public void Folders_DependOneWayOnly()
    {
        var wrong = InFolders()
            .SelectMany(file => Uses(file)
                .Where(used => !MayUse(Folder(file), used))
                .Select(used => $"{file.Path}: {Folder(file)} must not use {used}"));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Folders_AreAllKnown() =>
        Assert.All(InFolders(), file => Assert.Contains(Folder(file), Steps.SelectMany(step => step).Append(Beside)));

    [Fact]
    public void Namespaces_FollowTheFolders() =>
        Assert.Empty(SourceFile.In("Gateway")
            .Where(file => file.Code.Contains("namespace ", StringComparison.Ordinal)
                && !file.Code.Contains($"namespace Cache{Path.GetDirectoryName(file.Path)!.Replace('/', '.')};", StringComparison.Ordinal))
            .Select(file => file.Path));

    [Theory]
    [InlineData("Pipeline", "using CacheGateway.Http;", "Http")]
    [InlineData("Http", "var x = CacheGateway.Pipeline.Fill.Of();", "Pipeline")]
    [InlineData("Http", "var x = new Pipeline.CacheMiddleware();", "Pipeline")]
    [InlineData("Http", "var x = new Policies.Tags.TagPattern();", "Policies")]
    [InlineData("Http", "// using CacheGateway.Pipeline;", null)]
    [InlineData("Http", "var x = settings.Policies.PolicyReader;", null)]
    [InlineData("Http", "var x = Policies.Count;", null)]
    public void Scan_FindsWhatIsUsed_AndNothingElse(string folder, string line, string? used) =>
        Assert.Equal(used is null ? [] : [used], Uses(new SourceFile($"Gateway/{folder}/X.cs", line)));

    [GeneratedRegex(@"(?<![\w.])(?<root>CacheGateway\.)?(?<folder>[A-Z]\w+)(?<rest>(?:\.[A-Z]\w*)*)")]
    private static partial Regex Reference();

    private static IEnumerable<SourceFile> InFolders() => SourceFile.In("Gateway").Where(file => file.Path.Count(c => c == '/') > 1);

    private static string Folder(SourceFile file) => file.Path.Split('/')[1];

    private static IEnumerable<string> Uses(SourceFile file) =>
        Reference().Matches(file.Code)
            .Where(match => match.Groups["root"].Success || NamesAType(match))
            .Select(match => match.Groups["folder"].Value)
            .Where(folder => Types.Contains(folder) && folder != Folder(file))
            .Distinct();

    /// <summary>"Http.HopByHop" is a use of the folder; "Http.Count" is a property that happens to have its name.</summary>
    private static bool NamesAType(Match match) =>
        match.Groups["rest"].Value.Split('.').Intersect(Types[match.Groups["folder"].Value]).Any();

    private static int StepOf(string folder) => Array.FindIndex(Steps, step => step.Contains(folder));

    private static bool MayUse(string folder, string used) =>
        used == Beside ? folder != "Model"
        : folder == Beside ? used == "Model"
        : StepOf(used) < StepOf(folder);
}
