using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>An attack that a test of Gateway.Tests carries out, read from its source.</summary>
internal sealed partial record AttackSource(string Id, string Name, string Test)
{
    public static IEnumerable<AttackSource> All() =>
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Gateway.Tests"), "*.cs", SearchOption.AllDirectories)
        where !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
        let text = File.ReadAllText(file)
        from match in Attribute().Matches(text)
        select new AttackSource(match.Groups["id"].Value, match.Groups["name"].Value, $"{Path.GetFileNameWithoutExtension(file)}.{Method().Match(text, match.Index).Groups["method"].Value}");

    [GeneratedRegex(@"^ *\[Attack\(""(?<id>[A-Z]\d+)"", ""(?<name>[^""]+)""\)\]", RegexOptions.Multiline)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^ *public (?:async )?[\w<>]+ (?<method>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();
}
