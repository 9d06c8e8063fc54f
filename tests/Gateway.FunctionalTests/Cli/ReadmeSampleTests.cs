using System.Text.RegularExpressions;
using CacheGateway.FunctionalTests.Documentation;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>What README shows of <c>policy</c> is what its own policies.json gives.</summary>
public sealed partial class ReadmeSampleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-readme-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Samples_AreWhatTheCommandsPrint()
    {
        var page = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"))).ReplaceLineEndings("\n");
        var file = Path.Combine(_folder.FullName, "policies.json");
        await File.WriteAllTextAsync(file, PolicyFile().Match(page).Groups[1].Value);

        foreach (var sample in Samples().Matches(page).Cast<Match>())
        {
            string[] arguments = [.. sample.Groups[1].Value.Split(' ').Select(argument => argument.Trim('"') is var text && text == "policies.json" ? file : text)];

            var run = await CliProcess.RunAsync(["policy", .. arguments]);

            Assert.Equal(sample.Groups[2].Value, run.Output.Replace(file, "policies.json", StringComparison.Ordinal));
        }

        Assert.Equal(2, Samples().Count(page));
    }

    [GeneratedRegex("```json\n(\\{\n  \"policies\": .*?)```", RegexOptions.Singleline)]
    private static partial Regex PolicyFile();

    /// <summary>A command on the policies of the page, and the lines that follow it.</summary>
    [GeneratedRegex("^\\$ cachegateway policy (.* policies\\.json.*)\n((?:.+\n)+)", RegexOptions.Multiline)]
    private static partial Regex Samples();
}
