using System.Text;
using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Makes docs/faults.md of the attributes in the tests' sources, so that the page cannot name a fault that no test makes.</summary>
internal static partial class FaultPage
{
    private static readonly (string Id, string Why)[] NotMade =
    [
        ("F-55", "The holder of a lock among gateways dies: there is no such lock. Each gateway fetches for itself."),
        ("F-56", "A run of hours: the soak (docs/operations.md) takes any duration; 20 minutes were run, a minute is part of CI."),
    ];

    public static string Generate()
    {
        var page = new StringBuilder("""
            # Faults

            What is done to the gateway in the tests, and what holds all the same. Every row is a test with real sockets, a real `redis-server`, or real gateway
            processes; the table is made from the tests (`WRITE_FAULTS=1`, as its test says), and `./test.sh` prints how many rows were tried and held.
            What users see of each fault, and what to do, is in [operations](operations.md).

            | | Fault, and what holds | Test |
            |---|---|---|

            """);
        foreach (var (id, what, test) in Rows().OrderBy(row => row.Id, StringComparer.Ordinal).ThenBy(row => row.Test, StringComparer.Ordinal).ThenBy(row => row.What, StringComparer.Ordinal))
        {
            page.Append($"| {id} | {what} | `{test}` |\n");
        }

        page.Append("\n## Not made here\n\n");
        foreach (var (id, why) in NotMade)
        {
            page.Append($"- **{id}** {why}\n");
        }

        return page.ToString();
    }

    /// <summary>Rows that the page says are not made, although a test makes them.</summary>
    public static IEnumerable<string> Contradictions() => NotMade.Select(row => row.Id).Intersect(Rows().Select(row => row.Id));

    private static IEnumerable<(string Id, string What, string Test)> Rows()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories))
        {
            var source = File.ReadAllText(file);
            foreach (Match match in Attribute().Matches(source))
            {
                var test = Method().Match(source, match.Index + match.Length);
                yield return (match.Groups[1].Value, match.Groups[2].Value, $"{Path.GetFileNameWithoutExtension(file)}.{test.Groups[1].Value}");
            }
        }
    }

    [GeneratedRegex("""^\s*\[Fault\("(F-\d\d)", "([^"]+)"\)\]""", RegexOptions.Multiline)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^    public [\w<> ]+ (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();
}
