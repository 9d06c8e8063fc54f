using System.Globalization;
using System.Text;

namespace CacheGateway.Soak;

/// <summary>
/// A body that says what it is: a line of facts, then filler that follows from that line alone, so that every byte can be compared with what it
/// must be.
/// </summary>
/// <param name="Path">The path that was asked for.</param>
/// <param name="Variant">The value of X-Variant that the answer was made for; "-" where it does not count.</param>
/// <param name="User">Whose answer it is; "-" = everybody's.</param>
/// <param name="Version">Of the resource, when the origin began to answer.</param>
/// <param name="Length">Bytes of filler.</param>
internal sealed record Body(string Path, string Variant, string User, long Version, int Length)
{
    private string Line => string.Create(CultureInfo.InvariantCulture, $"{Path} {Variant} {User} {Version} {Length}\n");

    public byte[] ToBytes()
    {
        var line = Encoding.ASCII.GetBytes(Line);
        var bytes = new byte[line.Length + Length];
        line.CopyTo(bytes, 0);
        Fill(bytes.AsSpan(line.Length), line);
        return bytes;
    }

    /// <summary>Null when the bytes are not exactly those of a body.</summary>
    public static Body? TryRead(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        if (end < 0)
        {
            return null;
        }

        var parts = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
        if (parts.Length != 5 || !long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            || !int.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return null;
        }

        var body = new Body(parts[0], parts[1], parts[2], version, length);
        return bytes.SequenceEqual(body.ToBytes()) ? body : null;
    }

    private static void Fill(Span<byte> filler, ReadOnlySpan<byte> line)
    {
        var state = 14695981039346656037UL;
        foreach (var value in line)
        {
            state = (state ^ value) * 1099511628211UL;
        }

        foreach (ref var value in filler)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            value = (byte)state;
        }
    }
}
