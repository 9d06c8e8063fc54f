using System.Buffers;

namespace CacheGateway.Framing;

/// <summary>A line that lies in more than one segment, in one piece.</summary>
internal static class JoinedLine
{
    /// <summary>Lines are joined up to this length: the most that a head may have by any setting, and a little more. The server refuses longer ones by its own limits.</summary>
    private const int Longest = (1024 * 1024) + 1024;

    /// <summary>
    /// What <paramref name="rest"/> begins with, up to the end of the first line that ends behind the first segment, in an array of
    /// <see cref="ArrayPool{T}.Shared"/> that the caller gives back.
    /// </summary>
    public static byte[] Rent(in ReadOnlySequence<byte> rest, out int length)
    {
        var limited = rest.Slice(0, Math.Min(rest.Length, Longest));
        var first = limited.FirstSpan.Length;
        var end = limited.Slice(first).PositionOf((byte)'\n');
        if (end is { } lineFeed)
        {
            limited = limited.Slice(0, limited.GetPosition(1, lineFeed));
        }

        length = (int)limited.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        limited.CopyTo(joined);
        return joined;
    }
}
