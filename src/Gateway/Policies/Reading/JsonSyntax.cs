using System.Text.Json;
using System.Text.RegularExpressions;

namespace CacheGateway.Policies.Reading;

/// <summary>Where a text stops being JSON and what would be right, in words that need no knowledge of the reader that found it.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Message">Begins with the column, counted from 1 in bytes, where that helps.</param>
internal readonly partial record struct JsonSyntax(int Line, string Message)
{
    /// <param name="error">What the reader threw.</param>
    /// <param name="utf8">What it read, without a byte order mark.</param>
    /// <param name="options">As it was read with.</param>
    public static JsonSyntax Of(JsonException error, ReadOnlySpan<byte> utf8, JsonReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(error);
        var line = (int)(error.LineNumber ?? 0) + 1;
        return utf8.Trim(" \t\r\n"u8).IsEmpty ? new(1, "the file is empty; JSON begins with '{'")
            : Unclosed(utf8, options) is { } opened ? new(line, $"the file ends here, and the '{opened.Bracket}' of line {opened.Line} is not closed")
            : new(line, $"column {error.BytePositionInLine + 1}: {Translated(error.Message)}");
    }

    private static string Translated(string message) =>
        message.Contains("trailing comma", StringComparison.Ordinal) ? "the comma before this closing bracket must go: nothing follows it"
        : message.StartsWith("'/'", StringComparison.Ordinal) || message.StartsWith("'#'", StringComparison.Ordinal) ? "JSON has no comments; a \"description\" member can say it"
        : LongLiteral().Replace(PositionNote().Replace(message, ""), "'$1' is an invalid JSON literal");

    /// <summary>The last bracket that is open at the end of a text that could go on; null where something else is wrong.</summary>
    private static (char Bracket, int Line)? Unclosed(ReadOnlySpan<byte> utf8, JsonReaderOptions options)
    {
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(options));
        var open = new Stack<(char Bracket, int Line)>();
        var (line, counted) = (1, 0);
        try
        {
            while (reader.Read())
            {
                line += utf8[counted..(int)reader.TokenStartIndex].Count((byte)'\n');
                counted = (int)reader.TokenStartIndex;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    open.Push((reader.TokenType == JsonTokenType.StartObject ? '{' : '[', line));
                }
                else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    open.Pop();
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return open.TryPeek(out var last) ? last : null;
    }

    /// <summary>The reader writes the position into its message in its own words, counted from 0.</summary>
    [GeneratedRegex(@"( Path: \S+ \|)? LineNumber: \d+ \| BytePositionInLine: \d+\.?$")]
    private static partial Regex PositionNote();

    /// <summary>It quotes all that follows, to the end of the file.</summary>
    [GeneratedRegex(@"^'(.{0,20})[\s\S]*' is an invalid JSON literal")]
    private static partial Regex LongLiteral();
}
