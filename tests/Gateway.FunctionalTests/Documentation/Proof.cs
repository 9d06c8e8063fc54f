using System.Reflection;
using System.Text.RegularExpressions;
using CacheGateway.FunctionalTests.Conformance;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>One test, or one row of a conformance table, and the section it proves.</summary>
/// <param name="Section">With its document ("RFC 9111 4.1").</param>
/// <param name="Test">The class and method, or the class of the table.</param>
/// <param name="What">The requirement as the test words it.</param>
internal sealed partial record Proof(string Section, string Test, string What)
{
    /// <summary>Of both test projects. The sources are read, because neither project may reference the other.</summary>
    public static IReadOnlyList<Proof> All() =>
    [
        .. Attributes("Gateway.Tests"),
        .. Attributes("Gateway.FunctionalTests"),
        .. Rows(),
    ];

    private static IEnumerable<Proof> Attributes(string project)
    {
        var folder = Path.Combine(Repository.Root, "tests", project);
        foreach (var file in Directory.EnumerateFiles(folder, "*Tests.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(folder, "*Properties.cs", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(file);
            var test = Path.GetFileNameWithoutExtension(file);
            foreach (Match match in Covers().Matches(text))
            {
                var method = Declaration().Match(text, match.Index).Groups["method"].Value;
                yield return new(match.Groups["section"].Value, method.Length > 0 ? $"{test}.{method}" : test, match.Groups["what"].Value);
            }
        }
    }

    private static IEnumerable<Proof> Rows() =>
        from type in typeof(Proof).Assembly.GetTypes()
        orderby type.Name
        from field in type.GetFields(BindingFlags.Static | BindingFlags.NonPublic)
        where field.FieldType == typeof(ConformanceTable)
        from row in ((ConformanceTable)field.GetValue(null)!).Cases
        select new Proof(row.Section, type.Name, row.Name);

    // Anchored to the start of a line, as the only place where an attribute stands.
    [GeneratedRegex(@"^ *\[Covers\(""(?<section>[^""]+)"", ""(?<what>[^""]+)""\)\]", RegexOptions.Multiline)]
    private static partial Regex Covers();

    /// <summary>What the attribute stands on: a class, or the method named in the group.</summary>
    [GeneratedRegex(@"^ *public (?:sealed (?:partial )?class \w+|(?:static )?(?:async )?[\w<>\[\]?]+ (?<method>\w+)\()", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
