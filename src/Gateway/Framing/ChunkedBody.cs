namespace CacheGateway.Framing;

/// <summary>
/// Follows the framing of a chunked body (RFC 9112 7.1) over pieces of any size, skipping the data. Pure: a value that is fed the bytes in
/// order and tells how many of them are right.
/// </summary>
internal struct ChunkedBody
{
    /// <summary>Bytes of all size lines' extensions, and of the trailer section; nobody sends near as much.</summary>
    private const int MaxOverhead = 16 * 1024;

    /// <summary>Digits of a size with its leading zeros.</summary>
    private const int MaxDigits = 15;

    private Place _place;
    private long _left;
    private int _overhead;

    private enum Place
    {
        Size,
        Data,
        DataEnd,
        Trailers,
        Done,
    }

    public readonly bool IsComplete => _place == Place.Done;

    /// <summary>
    /// Reads on. <paramref name="taken"/> is the number of bytes that are right and belong to the body: data, and whole lines. After it stands the
    /// fault, the next message, or a line whose end has not come yet.
    /// </summary>
    public FramingFault Add(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        while (taken < bytes.Length && _place != Place.Done)
        {
            var fault = AddNext(bytes[taken..], out var length);
            if (fault != FramingFault.None || length == 0)
            {
                return fault;
            }

            taken += length;
        }

        return FramingFault.None;
    }

    private FramingFault AddNext(ReadOnlySpan<byte> bytes, out int length)
    {
        switch (_place)
        {
            case Place.Data:
                length = (int)Math.Min(_left, bytes.Length);
                _left -= length;
                _place = _left == 0 ? Place.DataEnd : Place.Data;
                return FramingFault.None;
            case Place.DataEnd:
                length = bytes.Length < 2 ? 0 : 2;
                _place = length == 0 ? Place.DataEnd : Place.Size;
                return bytes[0] == '\r' && (length == 0 || bytes[1] == '\n') ? FramingFault.None : FramingFault.ChunkEnd;
            default:
                var fault = Octets.FindLine(bytes, out var line, out length);
                return fault != FramingFault.None ? fault
                    : length == 0 ? _overhead + bytes.Length > MaxOverhead ? TooMuch : FramingFault.None
                    : _place == Place.Size ? AddSize(line)
                    : AddTrailer(line);
        }
    }

    private readonly FramingFault TooMuch => _place == Place.Size ? FramingFault.ChunkExtension : FramingFault.Trailer;

    private FramingFault AddSize(ReadOnlySpan<byte> line)
    {
        var digits = 0;
        for (_left = 0; digits < line.Length && char.IsAsciiHexDigit((char)line[digits]); digits++)
        {
            if (digits == MaxDigits)
            {
                return FramingFault.ChunkSize;
            }

            _left = (_left << 4) + (line[digits] <= '9' ? line[digits] - '0' : (line[digits] | 0x20) - 'a' + 10);
        }

        // The server counts a chunk in 32 bits.
        if (digits == 0 || _left > int.MaxValue || (digits < line.Length && line[digits] != ';'))
        {
            return FramingFault.ChunkSize;
        }

        _overhead += line.Length - digits;
        _place = _left == 0 ? Place.Trailers : Place.Data;
        return _overhead <= MaxOverhead && AreExtensions(line[digits..]) ? FramingFault.None : FramingFault.ChunkExtension;
    }

    /// <summary>Any number of ";name", ";name=token" and ";name=quoted-string", without the spaces that RFC 9112 calls bad.</summary>
    private static bool AreExtensions(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            rest = rest[1..];
            var name = TokenLength(rest);
            rest = rest[name..];
            if (name == 0)
            {
                return false;
            }

            if (rest.StartsWith("="u8))
            {
                var value = rest[1..].StartsWith("\""u8) ? QuotedLength(rest[1..]) : TokenLength(rest[1..]);
                rest = rest[(1 + value)..];
                if (value == 0)
                {
                    return false;
                }
            }

            if (!rest.IsEmpty && rest[0] != ';')
            {
                return false;
            }
        }

        return true;
    }

    private static int TokenLength(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(Octets.Token) is var end && end < 0 ? text.Length : end;

    /// <summary>With both its quotes; 0 when the second is missing.</summary>
    private static int QuotedLength(ReadOnlySpan<byte> text)
    {
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                return at + 1;
            }

            at += text[at] == '\\' ? 1 : 0;
        }

        return 0;
    }

    private FramingFault AddTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            _place = Place.Done;
            return FramingFault.None;
        }

        _overhead += line.Length;
        var fault = FieldLine.Judge(line, out var name);
        return fault != FramingFault.None ? fault
            : FieldLine.IsForbiddenInTrailers(line[..name]) || _overhead > MaxOverhead ? FramingFault.Trailer
            : FramingFault.None;
    }
}
