using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// The bytes of a growing body in segments: appended at the end, and let go of at the beginning. Of a <see cref="FillBody"/>, under whose lock it is used.
/// </summary>
/// <param name="expected">Announced length in bytes, or null.</param>
internal sealed class FillSegments(long? expected)
{
    private const int FirstSegment = 4 * 1024;

    /// <summary>Places of segments that were let go of, before the list is made shorter.</summary>
    private const int MostDropped = 64;

    private readonly List<byte[]> _segments = new(1);
    private int _used;
    private int _droppedSegments;

    /// <summary>Bytes appended so far.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that were let go of.</summary>
    public long Dropped { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_segments.Count == 0 || _used == _segments[^1].Length)
            {
                _segments.Add(new byte[NextSegmentSize(bytes.Length)]);
                _used = 0;
            }

            var room = _segments[^1].AsSpan(_used);
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            _used += count;
            Length += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>What lies in one segment from <paramref name="position"/> on, up to <paramref name="end"/>.</summary>
    public ReadOnlyMemory<byte> PieceAt(long position, long end)
    {
        var offset = position - Dropped;
        var visible = end - position;
        for (var i = _droppedSegments; i < _segments.Count; i++)
        {
            var length = i == _segments.Count - 1 ? _used : _segments[i].Length;
            if (offset < length)
            {
                return _segments[i].AsMemory((int)offset, (int)Math.Min(length - offset, visible));
            }

            offset -= length;
        }

        return default;
    }

    /// <summary>Lets go of the full segments before a position.</summary>
    public void Drop(long passed)
    {
        while (_droppedSegments < _segments.Count - 1 && Dropped + _segments[_droppedSegments].Length <= passed)
        {
            Dropped += _segments[_droppedSegments].Length;
            _segments[_droppedSegments] = [];
            _droppedSegments++;
        }

        if (_droppedSegments > MostDropped && _droppedSegments > _segments.Count / 2)
        {
            // A stream without an end would leave a list without one.
            _segments.RemoveRange(0, _droppedSegments);
            _droppedSegments = 0;
        }
    }

    /// <summary>The whole in exact segments, where nothing was let go of.</summary>
    public BodySegments ToSegments()
    {
        if (Length == 0)
        {
            return BodySegments.Empty;
        }

        var segments = _segments.ToArray();
        // The last segment is trimmed: what is stored is counted by its length, and must not cost more than that.
        var last = _segments[^1];
        segments[^1] = _used == last.Length ? last : last.AsSpan(0, _used).ToArray();
        return new BodySegments(segments);
    }

    private int NextSegmentSize(int pending)
    {
        // A known length is met exactly; an unknown one grows from 4 to 64 KiB.
        var wanted = expected is { } whole
            ? Math.Max(whole - Length, pending)
            : Math.Max(pending, _segments.Count == 0 ? FirstSegment : Math.Min(_segments[^1].Length * 2L, BodySegments.MaxSegment));
        return (int)Math.Min(wanted, BodySegments.MaxSegment);
    }
}
