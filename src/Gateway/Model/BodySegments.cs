namespace CacheGateway.Model;

/// <summary>
/// The bytes of a stored body as they lie in memory: segments of at most 64 KiB, so that no body lands on the large object heap.
/// Made once by the fill that read it; never changed; shared by every reader.
/// <para>
/// It is no object but a reference to the only segment, or to what holds several: an object would cost most bodies 48 bytes.
/// </para>
/// </summary>
public readonly struct BodySegments
{
    public const int MaxSegment = 64 * 1024;

    private static readonly object None = Array.Empty<byte>();

    /// <summary>A byte[], or a <see cref="LargeBody"/> of at least two; null for none.</summary>
    private readonly object? _bytes;

    /// <param name="segments">Each in use from end to end.</param>
    public BodySegments(byte[][] segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        _bytes = segments.Length switch { 0 => null, 1 => segments[0], _ => new LargeBody(segments) };
    }

    public static BodySegments Empty => default;

    public int Count => _bytes switch { null => 0, byte[] => 1, var several => ((LargeBody)several).Segments.Length };

    /// <summary>Bytes in all.</summary>
    public long Length => _bytes switch { null => 0, byte[] only => only.Length, var several => ((LargeBody)several).Length };

    /// <summary>What is counted while clients are sent it: a body longer than one segment may be; null for any other.</summary>
    internal LargeBody? Large => _bytes is LargeBody { Length: > MaxSegment } large ? large : null;

    /// <summary>The same object for the same bytes in memory, wherever they are referred to.</summary>
    internal object Identity => _bytes ?? None;

    public byte[] this[int index] => _bytes is byte[] only ? only : ((LargeBody)_bytes!).Segments[index];

    /// <summary>Bytes that belong to nobody else and never change: as they lie where they fit one segment, copied where not.</summary>
    public static BodySegments Of(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return bytes.Length is > 0 and <= MaxSegment ? new BodySegments([bytes]) : Copy(bytes);
    }

    /// <summary>Copies <paramref name="bytes"/> into segments of their own.</summary>
    public static BodySegments Copy(ReadOnlySpan<byte> bytes)
    {
        var segments = new byte[(bytes.Length + MaxSegment - 1) / MaxSegment][];
        for (var i = 0; i < segments.Length; i++)
        {
            segments[i] = bytes.Slice(i * MaxSegment, Math.Min(MaxSegment, bytes.Length - (i * MaxSegment))).ToArray();
        }

        return new BodySegments(segments);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[checked((int)Length)];
        CopyTo(bytes);
        return bytes;
    }

    /// <exception cref="ArgumentException">There is not room for all.</exception>
    public void CopyTo(Span<byte> bytes)
    {
        for (var i = 0; i < Count; i++)
        {
            this[i].CopyTo(bytes);
            bytes = bytes[this[i].Length..];
        }
    }
}
