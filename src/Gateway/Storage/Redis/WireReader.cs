using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote, from bytes that anybody may have changed: every length is held against what is left before
/// anything is made of it. After the first thing that does not fit, all further reads give zeros and <see cref="IsAtEnd"/> stays false.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the longest text that is looked for among those in common.</summary>
    private const int MostShared = 128;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _left = bytes;
    private bool _broken;

    /// <summary>Everything fitted, and nothing is left over.</summary>
    public readonly bool IsAtEnd => !_broken && _left.IsEmpty;

    public byte Byte() => Take(1) is { IsEmpty: false } bytes ? bytes[0] : (byte)0;

    public int UInt16() => Take(2) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : 0;

    public uint UInt32() => Take(4) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    public long Int64() => Take(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;

    public ReadOnlySpan<byte> Bytes(int count) => Take(count);

    /// <summary>A count of things that take at least <paramref name="least"/> bytes each: more than can be there is broken, not allocated.</summary>
    public int Count(int least)
    {
        var count = UInt16();
        if (count * (long)least <= _left.Length)
        {
            return count;
        }

        _broken = true;
        return 0;
    }

    public string? TextOrNull()
    {
        var bytes = TextBytes(out var isThere);
        return isThere ? Decode(bytes) : null;
    }

    /// <summary>As <see cref="TextOrNull"/>, for a text that many entries have in common: the one that is held of it (<see cref="SharedText"/>).</summary>
    public string? SharedOrNull()
    {
        var bytes = TextBytes(out var isThere);
        if (!isThere || bytes.Length > MostShared)
        {
            return isThere ? Decode(bytes) : null;
        }

        Span<char> text = stackalloc char[MostShared];
        return Ascii.ToUtf16(bytes, text, out var length) == OperationStatus.Done ? SharedText.Of(text[..length]) : Decode(bytes);
    }

    /// <summary>A text that must be there.</summary>
    public string Text()
    {
        var text = TextOrNull();
        _broken |= text is null;
        return text ?? "";
    }

    /// <summary>As <see cref="Text"/>, see <see cref="SharedOrNull"/>.</summary>
    public string Shared()
    {
        var text = SharedOrNull();
        _broken |= text is null;
        return text ?? "";
    }

    /// <summary>Whether the next is this very text; makes none of it.</summary>
    public bool Is(string text)
    {
        var bytes = TextBytes(out var isThere);
        return isThere && (Ascii.Equals(bytes, text) || Decode(bytes) == text);
    }

    private string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            _broken = true;
            return null;
        }
    }

    private ReadOnlySpan<byte> TextBytes(out bool isThere)
    {
        var length = UInt32();
        isThere = length != WireWriter.Absent && !_broken;
        if (isThere && length > (uint)_left.Length)
        {
            _broken = true;
            isThere = false;
        }

        return isThere ? Take((int)length) : default;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_broken || count > _left.Length)
        {
            _broken = true;
            return default;
        }

        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
