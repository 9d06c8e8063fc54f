using System.Text;

namespace CacheGateway.Interleavings.Redis;

/// <summary>What <c>cmsgpack.pack</c> makes of a list of strings inside Redis, of up to 65,535 bytes each.</summary>
internal static class PackedStrings
{
    public static byte[] Pack(IReadOnlyCollection<string> strings) => [.. ArrayHead(strings.Count), .. strings.Select(Encoding.UTF8.GetBytes).SelectMany(bytes => (byte[])[.. StringHead(bytes.Length), .. bytes])];

    private static byte[] ArrayHead(int count) =>
        count <= 15 ? [(byte)(0x90 + count)]
        : count <= ushort.MaxValue ? [0xdc, (byte)(count >> 8), (byte)count]
        : [0xdd, (byte)(count >> 24), (byte)(count >> 16), (byte)(count >> 8), (byte)count];

    private static byte[] StringHead(int length) =>
        length <= 31 ? [(byte)(0xa0 + length)] : length <= byte.MaxValue ? [0xd9, (byte)length] : [0xda, (byte)(length >> 8), (byte)length];
}
