namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>docs/cache-status.md lists every value that <c>detail</c> can have.</summary>
public sealed class CacheStatusPageTests
{
    /// <summary>Set to 1, the test writes the page instead of comparing it.</summary>
    private const string WriteVariable = "WRITE_CACHE_STATUS";

    private static readonly string Page = Path.Combine(Repository.Root, "docs", "cache-status.md");

    [Fact]
    public void Page_IsMadeFromTheReasons()
    {
        var made = CacheStatusPage.Generate(WriteVariable);
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(Page, made);
        }

        Assert.True(
            File.Exists(Page) && File.ReadAllText(Page) == made,
            $"{Page} differs from the reasons. Write it anew with: {WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests");
    }

    [Fact]
    public void Reasons_StandInOneTableEach() => Assert.Empty(CacheStatusPage.Misplaced());
}
