using System.Globalization;
using System.Reflection;
using System.Text;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Makes docs/attacks.md from the catalogue and the tests that carry its rows.</summary>
internal static class AttackPage
{
    public static string Generate(ILookup<string, string> tests)
    {
        var page = new StringBuilder();
        var rows = AttackRow.Groups.Sum(group => group.Rows.Length);
        page.Append(CultureInfo.InvariantCulture, $"""
            # Attacks

            What is tried against the gateway in every run of the tests: {rows} attacks, each with the tests that carry it out over real sockets, under the profile `safe`.
            The judges are what the origin received, what a victim got, and whether process and connection live; not what the gateway says of itself.
            This page is made from the catalogue and the tests' attributes; a test fails when it differs. To write it anew:
            `{AttackPageTests.WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests`. `./test.sh` prints how many were tried and how many held.
            What cannot be closed, and what an operator must do, stands in [security.md](security.md).

            """);
        foreach (var (letter, title, group) in AttackRow.Groups)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {letter}. {title}\n\n| | Attack | What it hopes for | What happens | Tests |\n|---|---|---|---|---|\n");
            foreach (var row in group)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {row.Id} | {row.Name} | {Cell(row.How)} | {Cell(row.Answer)} | {string.Join("<br>", tests[row.Id].Select(test => test.Split('.')[0]).Distinct().Select(test => $"`{test}`"))} |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>The tests of each row: those of this project, and those of the pure project, whose sources are read because neither may reference the other.</summary>
    public static ILookup<string, string> Tests() =>
        Compiled().Concat(Pure()).Distinct().OrderBy(test => test.Test, StringComparer.Ordinal).ToLookup(test => test.Id, test => test.Test);

    /// <summary>Rows as the attributes name them, of both projects.</summary>
    public static IReadOnlyList<(string Id, string Name)> Named() =>
        [.. Members().SelectMany(member => member.GetCustomAttributes<AttackAttribute>()).Select(attack => (attack.Id, attack.Name)).Concat(AttackSource.All().Select(attack => (attack.Id, attack.Name))).Distinct()];

    private static IEnumerable<(string Id, string Test)> Compiled() =>
        from member in Members()
        from attack in member.GetCustomAttributes<AttackAttribute>()
        select (attack.Id, member is Type type ? type.Name : $"{member.DeclaringType!.Name}.{member.Name}");

    private static IEnumerable<(string Id, string Test)> Pure() => AttackSource.All().Select(attack => (attack.Id, attack.Test));

    private static IEnumerable<MemberInfo> Members() =>
        typeof(AttackPage).Assembly.GetTypes().SelectMany(type => type.GetMethods().Cast<MemberInfo>().Append(type));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);
}
