namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>docs/attacks.md says what the catalogue and the tests say, and no row of the catalogue is without a test.</summary>
public sealed class AttackPageTests
{
    /// <summary>Set to 1, the test writes the page instead of comparing it.</summary>
    public const string WriteVariable = "WRITE_ATTACKS";

    private static readonly string Page = Path.Combine(Repository.Root, "docs", "attacks.md");

    [Fact]
    public void Page_IsMadeFromTheCatalogueAndTheTests()
    {
        var made = AttackPage.Generate(AttackPage.Tests());
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(Page, made);
        }

        Assert.True(File.Exists(Page) && File.ReadAllText(Page) == made, $"{Page} differs from what the tests say. Write it anew with: {WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests");
    }

    [Fact]
    public void Rows_AllHaveTests()
    {
        var tests = AttackPage.Tests();
        Assert.Empty(AttackRow.Groups.SelectMany(group => group.Rows).Where(row => !tests[row.Id].Any()).Select(row => row.Id));
    }

    [Fact]
    public void Attributes_NameRowsOfTheCatalogue() =>
        Assert.Empty(AttackPage.Named().Except(AttackRow.Groups.SelectMany(group => group.Rows).Select(row => (row.Id, row.Name))));

    [Fact]
    public void Rows_StandInTheirGroup_EachIdOnce() =>
        Assert.All(AttackRow.Groups, group =>
        {
            Assert.All(group.Rows, row => Assert.Equal(group.Letter, row.Id[0]));
            Assert.Equal(group.Rows.Select(row => row.Id).Distinct().Order(StringComparer.Ordinal), group.Rows.Select(row => row.Id));
        });
}
