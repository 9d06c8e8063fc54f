namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>Header lines as they stood on the wire, in order.</summary>
internal static class FieldLines
{
    /// <summary>The values of one field, one for each line, without the whitespace around them (RFC 9110 5.6.3).</summary>
    public static IReadOnlyList<string> Values(this IEnumerable<string> lines, string name) =>
        [.. lines
            .Where(line => line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim(' ', '\t'))];

    /// <summary>All lines of one field joined as RFC 9110 5.3 says, or null when there is none.</summary>
    public static string? Joined(this IEnumerable<string> lines, string name) =>
        lines.Values(name) is { Count: > 0 } values ? string.Join(", ", values) : null;
}
