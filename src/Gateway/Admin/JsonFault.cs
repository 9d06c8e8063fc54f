using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CacheGateway.Admin;

/// <summary>
/// Says what is wrong with a body that the serializer refused: where (<c>$.tags[2]</c>), and what would be right, in the words of JSON. The serializer's own
/// message is about types of this program, which say nothing to who sent the body.
/// </summary>
internal static class JsonFault
{
    /// <summary>The first fault of the body, in its own order: a sentence without a full stop.</summary>
    /// <param name="body">As it came, in UTF-8.</param>
    /// <param name="type">What it should have been.</param>
    /// <param name="options">How it was read.</param>
    public static string Of(ReadOnlyMemory<byte> body, Type type, JsonSerializerOptions options)
    {
        var shape = new JsonShape(options);
        if (body.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return $"the body is empty; send a JSON object{shape.Members(type)}";
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = int.MaxValue });
            return IsTooDeep(body.Span, options.MaxDepth)
                ? $"the body has objects or lists within one another more than {options.MaxDepth} deep"
                : shape.Fault(document.RootElement, type) ?? "the body is not as openapi.json describes it";
        }
        catch (JsonException broken)
        {
            return NotJson(body.Span, broken);
        }
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> body, int most)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= most)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Counted from one, as editors do.</summary>
    private static string NotJson(ReadOnlySpan<byte> body, JsonException broken)
    {
        var line = (int)(broken.LineNumber ?? 0);
        var rest = body;
        for (var i = 0; i < line; i++)
        {
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        }

        var before = rest[..(int)Math.Clamp(broken.BytePositionInLine ?? 0, 0, rest.Length)];
        var place = string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, character {Encoding.UTF8.GetCharCount(before) + 1}");
        return before.Length == rest.Length
            ? $"the body is not valid JSON: it ends at {place}, before all that it begins is closed"
            : $"the body is not valid JSON at {place}; names and texts stand in double quotes, and a comma between members, none after the last";
    }
}
