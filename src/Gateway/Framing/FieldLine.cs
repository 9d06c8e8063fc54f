using System.Text;

namespace CacheGateway.Framing;

/// <summary>Judges one field line, of a head or of a trailer section; its line end is taken off and there are no control characters in it.</summary>
internal static class FieldLine
{
    /// <summary>The length of the name, or the fault.</summary>
    public static FramingFault Judge(ReadOnlySpan<byte> line, out int nameLength)
    {
        nameLength = line.IndexOfAnyExcept(Octets.Token);
        return nameLength > 0 && line[nameLength] == ':' ? FramingFault.None
            : line[0] is (byte)' ' or (byte)'\t' ? FramingFault.Folded
            : FramingFault.FieldName;
    }

    public static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lowerCase) => Ascii.EqualsIgnoreCase(name, lowerCase);

    /// <summary>Fields that frame, route or authorise a message must be known before its content (RFC 9110 6.5.1).</summary>
    public static bool IsForbiddenInTrailers(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => Is(name, "host"u8),
        6 => Is(name, "cookie"u8) || Is(name, "expect"u8),
        7 => Is(name, "trailer"u8) || Is(name, "upgrade"u8),
        10 => Is(name, "connection"u8),
        12 => Is(name, "content-type"u8),
        13 => Is(name, "authorization"u8) || Is(name, "cache-control"u8) || Is(name, "content-range"u8),
        14 => Is(name, "content-length"u8),
        16 => Is(name, "content-encoding"u8),
        17 => Is(name, "transfer-encoding"u8),
        19 => Is(name, "proxy-authorization"u8),
        _ => false,
    };
}
