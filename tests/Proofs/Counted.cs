using System.Globalization;

namespace CacheGateway.Proofs;

/// <summary>Figures that test.sh adds up over all tests and prints at the end ("fuzz cases", "requests in soak", "wrong answers" ...).</summary>
internal static class Counted
{
    /// <summary>What the names of the attachments that carry figures begin with; the rest is the row of the table.</summary>
    public const string Prefix = "count: ";

    /// <summary>Leaves a figure in the running test's result, whether it passes or fails. The last one under a name counts.</summary>
    public static void Leave(string what, long number) =>
        TestContext.Current.AddAttachment(Prefix + what, number.ToString(CultureInfo.InvariantCulture), replaceExistingValue: true);
}
