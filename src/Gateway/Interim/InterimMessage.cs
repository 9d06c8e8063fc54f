using System.Text;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Interim;

/// <summary>Makes the message that goes on from the one that came: nothing of its bytes but checked names and values.</summary>
internal static class InterimMessage
{
    /// <param name="status">102 or 103.</param>
    /// <param name="fields">The field lines, each ended by CRLF and free of any other CR or LF.</param>
    /// <returns>Null where a line is no field line: the message is dropped.</returns>
    public static ReadOnlyMemory<byte>? Encode(int status, ReadOnlySpan<byte> fields)
    {
        var lines = new List<HeaderField>();
        while (!fields.IsEmpty)
        {
            var end = fields.IndexOf("\r\n"u8);
            if (Field(Encoding.Latin1.GetString(fields[..end])) is not { } field)
            {
                return null;
            }

            lines.Add(field);
            fields = fields[(end + 2)..];
        }

        var text = new StringBuilder(status == 103 ? "HTTP/1.1 103 Early Hints\r\n" : "HTTP/1.1 102 Processing\r\n");
        foreach (var field in HopByHop.Strip(lines))
        {
            if (!IsWithheld(field))
            {
                text.Append(field.Name).Append(": ").Append(field.Value).Append("\r\n");
            }
        }

        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }

    private static HeaderField? Field(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !Tokens.IsToken(line.AsSpan(0, colon)))
        {
            return null;
        }

        var value = line[(colon + 1)..].Trim(' ', '\t');
        return value.Any(c => c is (< ' ' and not '\t') or '\x7f') ? null : new HeaderField(line[..colon], value);
    }

    /// <summary>
    /// What delimits a message has no place where there is no content; cookies belong to one client and are set by final answers;
    /// Age and Cache-Status speak of a response from a cache, which this never is.
    /// </summary>
    private static bool IsWithheld(HeaderField field) =>
        field.Is("Content-Length") || field.Is("Content-Range") || field.Is("Content-Encoding") || field.Is("Set-Cookie") || field.Is("Set-Cookie2")
        || field.Is("Age") || field.Is("Cache-Status") || field.Is("HTTP2-Settings");
}
