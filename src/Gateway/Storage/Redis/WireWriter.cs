using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CacheGateway.Storage.Redis;

/// <summary>Writes the parts of a wire format: big-endian numbers, and texts behind their length.</summary>
internal sealed class WireWriter
{
    /// <summary>Stands where a length would, for a text that is absent.</summary>
    public const uint Absent = uint.MaxValue;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.GetSpan(2), checked((ushort)value));
        _bytes.Advance(2);
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    public void Bytes(ReadOnlySpan<byte> value) => _bytes.Write(value);

    /// <exception cref="EncoderFallbackException">The text has half a surrogate pair.</exception>
    public void Text(string? value)
    {
        if (value is null)
        {
            UInt32(Absent);
            return;
        }

        var length = Utf8.GetByteCount(value);
        UInt32((uint)length);
        Utf8.GetBytes(value, _bytes.GetSpan(length));
        _bytes.Advance(length);
    }
}
