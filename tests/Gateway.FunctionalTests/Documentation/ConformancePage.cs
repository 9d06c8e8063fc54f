using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Makes docs/conformance.md from the requirements and the tests that prove them.</summary>
internal static partial class ConformancePage
{
    public static string Generate(IReadOnlyList<Proof> proofs)
    {
        var requirements = Requirements;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Conformance

            What RFC 9111 asks of a shared cache, and the tests that prove it. This page is made from the tests' own attributes; a test fails when it differs.
            To write it anew: `{ConformancePageTests.WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests`.

            {requirements.Length} requirements: {requirements.Count(row => row.NotDone is null)} done, {requirements.Count(row => row.NotDone is not null)} not done. {proofs.Count} tests name a section.
            Both profiles are meant unless a line says otherwise; what `safe` refuses beyond the letter stands in [the policies page](policies.md) and below.

            ## RFC 9111

            | Section | Level | Requirement | Status | Tests |
            |---|---|---|---|---|

            """);
        foreach (var row in requirements)
        {
            var count = proofs.Count(proof => proof.Section == row.TestsOf);
            var tests = count == 0 ? "" : $"[{row.TestsOf["RFC 9111 ".Length..]}: {count}](#{Anchor(row.TestsOf)})";
            page.Append(CultureInfo.InvariantCulture, $"| {row.Section} | {row.Level.ToString().ToUpperInvariant()} | {row.Text} | {(row.NotDone is null ? "done" : "not done: " + row.NotDone)} | {(row.NotDone is null ? tests : "")} |\n");
        }

        page.Append('\n').Append(PublicSuite.Text).Append("\n## Tests by section\n");
        foreach (var section in proofs.GroupBy(proof => proof.Section).OrderBy(group => group.Key, SectionOrder))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n### {section.Key}\n\n");
            foreach (var proof in section.Distinct())
            {
                page.Append(CultureInfo.InvariantCulture, $"- {Escaped(proof.What)} (`{proof.Test}`)\n");
            }
        }

        return page.ToString();
    }

    public static Requirement[] Requirements { get; } = [.. StoringRequirements.All, .. ReuseRequirements.All, .. FieldRequirements.All];

    /// <summary>"RFC 9111 4.10" comes after "RFC 9111 4.9".</summary>
    private static Comparer<string> SectionOrder { get; } = Comparer<string>.Create((a, b) =>
        string.CompareOrdinal(Padded(a), Padded(b)));

    private static string Padded(string section) => Digits().Replace(section, match => match.Value.PadLeft(6, '0'));

    /// <summary>As GitHub makes it of a heading.</summary>
    private static string Anchor(string heading) => heading.ToLowerInvariant().Replace(".", "", StringComparison.Ordinal).Replace(' ', '-');

    private static string Escaped(string text) => text.Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
