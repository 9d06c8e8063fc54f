using System.Buffers;

namespace CacheGateway.Model;

/// <summary>
/// The bytes of a stored body as they lie in memory: segments of at most 64 KiB, so that no body lands on the large object heap.
/// Made once by the fill that read it; never changed; shared by every reader.
/// </summary>
public sealed class BodySegments
{
    public const int MaxSegment = 64 * 1024;

    public static readonly BodySegments Empty = new([], 0);

    /// <summary>The only segment of most bodies; an array for one would cost as much again.</summary>
    private readonly ReadOnlyMemory<byte> _only;
    private readonly ReadOnlyMemory<byte>[]? _segments;

    public BodySegments(ReadOnlyMemory<byte>[] segments, long length)
    {
        ArgumentNullException.ThrowIfNull(segments);
        if (segments.Length == 1)
        {
            _only = segments[0];
        }
        else
        {
            _segments = segments;
        }

        Length = length;
    }

    /// <summary>Bytes in all.</summary>
    public long Length { get; }

    public ReadOnlySpan<ReadOnlyMemory<byte>> Segments => _segments ?? new ReadOnlySpan<ReadOnlyMemory<byte>>(in _only);

    /// <summary>Copies <paramref name="bytes"/> into segments of their own.</summary>
    public static BodySegments Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return Empty;
        }

        var segments = new ReadOnlyMemory<byte>[(bytes.Length + MaxSegment - 1) / MaxSegment];
        for (var i = 0; i < segments.Length; i++)
        {
            segments[i] = bytes.Slice(i * MaxSegment, Math.Min(MaxSegment, bytes.Length - (i * MaxSegment))).ToArray();
        }

        return new BodySegments(segments, bytes.Length);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[checked((int)Length)];
        var at = 0;
        foreach (var segment in Segments)
        {
            segment.Span.CopyTo(bytes.AsSpan(at));
            at += segment.Length;
        }

        return bytes;
    }

    /// <summary>Writes <paramref name="count"/> bytes from <paramref name="offset"/> to <paramref name="writer"/> without joining segments.</summary>
    public void CopyTo(IBufferWriter<byte> writer, long offset, long count)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (var segment in Segments)
        {
            if (count == 0)
            {
                return;
            }

            if (offset >= segment.Length)
            {
                offset -= segment.Length;
                continue;
            }

            var part = segment.Span.Slice((int)offset, (int)Math.Min(segment.Length - offset, count));
            writer.Write(part);
            count -= part.Length;
            offset = 0;
        }
    }
}
