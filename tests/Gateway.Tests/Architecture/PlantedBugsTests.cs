using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Architecture;

/// <summary>What <c>tests/Gateway.Interleavings/mutants/run</c> plants fits the source as it stands: a patch that does not is told of only there, hours later.</summary>
public sealed class PlantedBugsTests
{
    [Fact]
    public void Patches_TakeOutLinesThatThereAre()
    {
        var patches = Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Gateway.Interleavings", "mutants"), "*.patch");

        Assert.NotEmpty(patches);
        Assert.Empty(patches.Where(patch => !Fits(File.ReadAllLines(patch))).Select(Path.GetFileName));
    }

    /// <summary>Each patch is one change of one file: "--- a/FILE", "+++ b/FILE", "@@ ... @@", and the lines.</summary>
    private static bool Fits(string[] patch)
    {
        var file = Path.Combine(Repository.Root, patch[0]["--- a/".Length..]);
        var takenOut = string.Join('\n', patch.Skip(3).Where(line => line.StartsWith('-')).Select(line => line[1..]));
        return File.Exists(file) && File.ReadAllText(file).Contains(takenOut, StringComparison.Ordinal);
    }
}
