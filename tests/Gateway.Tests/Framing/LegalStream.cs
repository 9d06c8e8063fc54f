using System.Globalization;
using System.Text;

namespace CacheGateway.Tests.Framing;

/// <summary>Makes streams of requests that RFC 9112 allows, each from its seed alone.</summary>
internal static class LegalStream
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz";
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "M-SEARCH", "QUERY"];
    private static readonly string[] Targets = ["/", "/a?b=c", "/%2e%2F?x=%00;y", "*", "http://gw.test/a", "/" + new string('p', 300), "/a'\"<>|{}^`\\"];

    public static string Of(int seed)
    {
        var dice = new Random(seed);
        var stream = new StringBuilder();
        for (var messages = dice.Next(1, 5); messages > 0; messages--)
        {
            Message(stream, dice);
        }

        return stream.ToString();
    }

    private static void Message(StringBuilder stream, Random dice)
    {
        if (dice.Next(8) == 0)
        {
            stream.Append("\r\n");
        }

        var old = dice.Next(6) == 0;
        var target = Pick(Targets, dice);
        stream.Append(CultureInfo.InvariantCulture, $"{(target == "*" ? "OPTIONS" : Pick(Methods, dice))} {target} HTTP/1.{(old ? 0 : 1)}\r\n");
        var body = dice.Next(3);
        var lines = Enumerable.Range(0, dice.Next(6)).Select(_ => $"{Token(dice)}:{Space(dice)}{Value(dice)}{Space(dice)}").ToList();
        if (!old || dice.Next(2) == 0)
        {
            lines.Add("hOsT: gw.test:8080");
        }

        var content = Value(dice) + "\r\n\n" + Value(dice);
        if (body == 1)
        {
            lines.Add($"Content-Length:{Space(dice)}{content.Length}{Space(dice)}");
        }
        else if (body == 2 && !old)
        {
            lines.Add($"Transfer-Encoding:{Space(dice)}{(dice.Next(2) == 0 ? "chunked" : "Chunked")}{Space(dice)}");
        }

        foreach (var line in lines.OrderBy(_ => dice.Next()))
        {
            stream.Append(line).Append("\r\n");
        }

        stream.Append("\r\n").Append(body == 1 ? content : body == 2 && !old ? Chunks(content, dice) : "");
    }

    private static string Chunks(string content, Random dice)
    {
        var chunks = new StringBuilder();
        for (var at = 0; at < content.Length;)
        {
            var length = dice.Next(1, content.Length - at + 1);
            chunks.Append(CultureInfo.InvariantCulture, $"{new string('0', dice.Next(3))}{(dice.Next(2) == 0 ? $"{length:x}" : $"{length:X}")}{Extension(dice)}\r\n");
            chunks.Append(content, at, length).Append("\r\n");
            at += length;
        }

        chunks.Append('0').Append(Extension(dice)).Append("\r\n");
        for (var trailers = dice.Next(3); trailers > 0; trailers--)
        {
            chunks.Append(CultureInfo.InvariantCulture, $"X-{Token(dice)}: {Value(dice)}\r\n");
        }

        return chunks.Append("\r\n").ToString();
    }

    private static string Extension(Random dice) => dice.Next(4) switch
    {
        0 => $";{Token(dice)}",
        1 => $";{Token(dice)}={Token(dice)};{Token(dice)}",
        2 => $";{Token(dice)}=\"a\\\"b {Value(dice).Replace("\"", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal)}\"",
        _ => "",
    };

    private static string Token(Random dice) => string.Create(dice.Next(1, 24), dice, (text, from) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = TokenCharacters[from.Next(TokenCharacters.Length)];
        }
    });

    private static string Value(Random dice) => string.Create(dice.Next(0, 60), dice, (text, from) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = from.Next(20) == 0 ? '\t' : (char)from.Next(0x20, from.Next(4) == 0 ? 0x100 : 0x7f);
            text[i] = text[i] == '\u007f' ? 'x' : text[i];
        }
    });

    private static string Space(Random dice) => dice.Next(3) switch { 0 => "", 1 => " ", _ => " \t " };

    private static string Pick(string[] from, Random dice) => from[dice.Next(from.Length)];
}
