using System.Buffers;

namespace CacheGateway.Framing;

/// <summary>The alphabets of RFC 9110 5.5 and 5.6.2 as sets that are searched with vectors.</summary>
internal static class Octets
{
    public static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    /// <summary>Every control character but the tab; the first one in a line is its end, or wrong.</summary>
    public static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(octet => octet != '\t').Select(octet => (byte)octet), 0x7f]);

    /// <summary>
    /// The first line of <paramref name="bytes"/>; <paramref name="length"/> counts its line end too, and is 0 while that has not come. A line holds no
    /// control character but tabs and ends in CRLF, or it is a fault.
    /// </summary>
    public static FramingFault FindLine(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line, out int length)
    {
        line = default;
        length = 0;
        var end = bytes.IndexOfAny(Controls);
        if (end < 0 || (bytes[end] == '\r' && end + 1 == bytes.Length))
        {
            return FramingFault.None;
        }

        if (bytes[end] != '\r' || bytes[end + 1] != '\n')
        {
            return bytes[end] is (byte)'\r' or (byte)'\n' ? FramingFault.LineEnd : FramingFault.ControlCharacter;
        }

        line = bytes[..end];
        length = end + 2;
        return FramingFault.None;
    }

    public static ReadOnlySpan<byte> TrimOws(ReadOnlySpan<byte> value) => value.Trim(" \t"u8);
}
