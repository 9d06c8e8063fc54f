using CacheGateway.Cli.PolicyFiles;
using Gateway.Tests.Policies;

namespace Gateway.Tests.Cli;

/// <summary>What <c>policy test</c> compares, and the schema of its files.</summary>
public sealed class PolicyCasesTests
{
    /// <summary>Set to 1, the test writes the schema instead of comparing it.</summary>
    private const string WriteVariable = "WRITE_POLICY_SCHEMA";

    private static readonly Dictionary<string, TrialOutcome> Nobody = [];

    [Fact]
    public void SchemaFile_IsMadeFromTheTypes()
    {
        var file = Path.Combine(Repository.Root, "config", "policy-cases.schema.json");
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(file, CaseSchema.Generate());
        }

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == CaseSchema.Generate(),
            $"{file} differs from what the types say. Write it anew with: {WriteVariable}=1 dotnet test tests/Gateway.Tests");
    }

    [Fact]
    public void Expectation_OfEachKind_IsComparedAndSaid()
    {
        var outcome = new TrialOutcome { Decision = "store", Policy = "p", Ttl = 60, StaleIfError = 5, StaleWhileRevalidate = 1, Tags = ["a", "b"], Vary = ["Accept"], Target = "/x", KeyText = "k" };
        var right = new CaseExpectation
        {
            Decision = "store",
            Policy = "p",
            Reason = "none",
            Ttl = "1m",
            StaleIfError = "5s",
            StaleWhileRevalidate = "1000ms",
            Tags = ["b", "a"],
            Vary = ["accept"],
            Target = "/x",
            Clears = [],
        };
        var wrong = new CaseExpectation
        {
            Decision = "pass",
            Policy = "q",
            Reason = "miss",
            Ttl = "2m",
            StaleIfError = "6s",
            StaleWhileRevalidate = "2s",
            Tags = ["a"],
            Vary = [],
            Target = "/y",
            Clears = ["c"],
        };

        Assert.Empty(CaseCheck.Differences(right, outcome, Nobody));
        Assert.Equal(
            ["policy", "decision", "reason", "target", "ttl", "staleWhileRevalidate", "staleIfError", "tags", "vary", "clears"],
            CaseCheck.Differences(wrong, outcome, Nobody).Select(difference => difference.Split(':')[0]));
        Assert.Equal("ttl: expected 2m, got 60s", CaseCheck.Differences(new CaseExpectation { Ttl = "2m" }, outcome, Nobody)[0]);
    }

    [Fact]
    public void Keys_AreCompared()
    {
        var mine = new TrialOutcome { Decision = "store", KeyText = "k" };
        var others = new Dictionary<string, TrialOutcome>
        {
            ["same"] = mine,
            ["other"] = mine with { KeyText = "l" },
            ["none"] = mine with { KeyText = null },
        };

        Assert.Empty(CaseCheck.Differences(new CaseExpectation { SameKeyAs = "same", OtherKeyThan = "other" }, mine, others));
        Assert.Equal(2, CaseCheck.Differences(new CaseExpectation { SameKeyAs = "other", OtherKeyThan = "same" }, mine, others).Count);
        Assert.Single(CaseCheck.Differences(new CaseExpectation { OtherKeyThan = "none" }, mine, others));
        Assert.Single(CaseCheck.Differences(new CaseExpectation { SameKeyAs = "absent" }, mine, others));
    }
}
