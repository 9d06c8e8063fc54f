namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>docs/faults.md says what the tests do.</summary>
public sealed class FaultPageTests
{
    /// <summary>Set to 1, the test writes the page instead of comparing it.</summary>
    private const string WriteVariable = "WRITE_FAULTS";

    private static readonly string Page = Path.Combine(Repository.Root, "docs", "faults.md");

    [Fact]
    public void Page_IsMadeFromTheTests()
    {
        var made = FaultPage.Generate();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(Page, made);
        }

        Assert.True(
            File.Exists(Page) && File.ReadAllText(Page) == made,
            $"{Page} differs from what the tests say. Write it anew with: {WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests");
    }

    [Fact]
    public void NotMade_IsNothingThatATestMakes() => Assert.Empty(FaultPage.Contradictions());
}
