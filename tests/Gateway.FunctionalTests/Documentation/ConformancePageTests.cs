namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>docs/conformance.md says what the tests say.</summary>
public sealed class ConformancePageTests
{
    /// <summary>Set to 1, the test writes the page instead of comparing it.</summary>
    public const string WriteVariable = "WRITE_CONFORMANCE";

    private static readonly string Page = Path.Combine(Repository.Root, "docs", "conformance.md");

    [Fact]
    public void Page_IsMadeFromTheTests()
    {
        var made = ConformancePage.Generate(Proof.All());
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(Page, made);
        }

        Assert.True(
            File.Exists(Page) && File.ReadAllText(Page) == made,
            $"{Page} differs from what the tests say. Write it anew with: {WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests");
    }

    [Fact]
    public void Requirements_ThatAreDone_HaveTests()
    {
        var proved = Proof.All().Select(proof => proof.Section).ToHashSet();

        Assert.All(ConformancePage.Requirements.Where(row => row.NotDone is null), row => Assert.Contains(row.TestsOf, proved));
    }

    [Fact]
    public void Proofs_OfThisProject_AreThoseThatTheAttributesCarry()
    {
        // The scan reads sources; what the compiler saw says whether it missed any.
        var compiled = typeof(ConformancePageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Cast<System.Reflection.MemberInfo>().Append(type))
            .SelectMany(member => member.GetCustomAttributes(typeof(CoversAttribute), inherit: false).Cast<CoversAttribute>())
            .Select(covers => (covers.Section, covers.What))
            .ToHashSet();

        Assert.Subset(Proof.All().Select(proof => (proof.Section, proof.What)).ToHashSet(), compiled);
    }
}
