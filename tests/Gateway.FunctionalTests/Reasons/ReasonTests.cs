using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>Promise 6: every decision has a reason from one closed list, and each of the list is given by something.</summary>
public sealed class ReasonTests
{
    private static readonly ILookup<Reason, ReasonCase> Cases =
        ((ReasonCase[])[.. ServedReasons.All, .. ForwardedReasons.All, .. PassedReasons.All, .. NotStoredReasons.All, .. FailedReasons.All]).ToLookup(row => row.Reason);

    public static TheoryData<Reason> Listed => [.. Cases.Select(row => row.Key)];

    /// <summary>Whether an answer can say it; otherwise the head is out by the time it is known, and it is counted alone.</summary>
    internal static bool IsSaid(Reason reason) => Cases[reason].Any(row => !row.IsCounted);

    [Theory]
    [MemberData(nameof(Listed))]
    public async Task Reason_IsGiven(Reason reason)
    {
        foreach (var row in Cases[reason])
        {
            await row.RunAsync();
        }
    }

    [Fact]
    public void Reasons_AllHaveARow() => Assert.All(Enum.GetValues<Reason>(), reason => Assert.True(Cases.Contains(reason), $"{reason} has no row under Reasons/"));
}
