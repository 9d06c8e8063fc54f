using System.Text.Json;

namespace CacheGateway.Policies;

/// <summary>One policy out of the text of a file, as it was written there, moved to the left margin.</summary>
internal static class PolicySourceText
{
    /// <param name="utf8">A file that was read without an error, with or without a byte order mark; null = there is none.</param>
    /// <param name="policy">Its name.</param>
    public static string? Of(byte[]? utf8, string policy)
    {
        if (utf8 is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(utf8.AsMemory(PolicyReader.TextStart(utf8)));
        return JsonText.Member(document.RootElement, "policies") is { } policies && JsonText.Member(policies, policy) is { } found
            ? Outdented(found.GetRawText().ReplaceLineEndings("\n").Split('\n'))
            : null;
    }

    /// <summary>The first line begins at the member; the last one, the closing brace, tells how far the others are indented.</summary>
    private static string Outdented(string[] lines)
    {
        var indent = lines[^1].Length - lines[^1].TrimStart().Length;
        return string.Join('\n', lines.Select((line, i) => i > 0 && string.IsNullOrWhiteSpace(line[..Math.Min(indent, line.Length)]) ? line[Math.Min(indent, line.Length)..] : line));
    }
}
