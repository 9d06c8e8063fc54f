using System.IO.Compression;
using System.Security.Cryptography;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// A body as its field in Redis: as it is, or compressed where that pays. The field is checked against the hash that the head names before a
/// byte of it is used, and a compressed one can never grow past the length that the head names.
/// </summary>
internal static class BodyCodec
{
    /// <summary>Largest body field: one bigger answer on the shared connection delays all behind it.</summary>
    public const int MaxField = 256 * 1024;

    /// <summary>Largest body that is tried at all.</summary>
    public const int MaxBody = 2 * 1024 * 1024;

    /// <summary>Below this the saving is not worth the time: every read pays for it, and a few packets cost a read nothing.</summary>
    private const int LeastToCompress = 4 * 1024;

    /// <summary>Quality and window of brotli: about what a fast gzip costs.</summary>
    private const int Quality = 3;
    private const int Window = 20;

    /// <summary>The field, and how a head names it; null when it is too large.</summary>
    public static (byte[] Field, BodyName Name)? Encode(BodySegments body, bool isCompressed)
    {
        if (body.Length > MaxBody || (isCompressed && body.Length > MaxField))
        {
            return null;
        }

        if (body.Length == 0)
        {
            return ([], BodyName.Empty);
        }

        var bytes = body.ToArray();
        var coding = BodyCoding.None;
        if (!isCompressed && bytes.Length >= LeastToCompress && Compress(bytes) is { } smaller)
        {
            (bytes, coding) = (smaller, BodyCoding.Brotli);
        }

        return bytes.Length > MaxField
            ? null
            : (bytes, new BodyName(SHA256.HashData(bytes), bytes.Length, (int)body.Length, coding));
    }

    /// <summary>The body, or null when the field is not the one that the head names.</summary>
    /// <param name="field">Nobody else's: it may become the body.</param>
    /// <param name="name">What the head says of it.</param>
    public static BodySegments? Decode(byte[]? field, BodyName name)
    {
        if (name.IsEmpty)
        {
            return field is null or [] ? BodySegments.Empty : null;
        }

        Span<byte> hash = stackalloc byte[BodyName.HashLength];
        if (field is null || field.Length != name.FieldLength || SHA256.HashData(field, hash) != hash.Length || !hash.SequenceEqual(name.Hash.Span))
        {
            return null;
        }

        if (name.Coding == BodyCoding.None)
        {
            return BodySegments.Of(field);
        }

        var bytes = new byte[name.Length];
        return BrotliDecoder.TryDecompress(field, bytes, out var written) && written == bytes.Length ? BodySegments.Of(bytes) : null;
    }

    /// <summary>Null unless an eighth is saved.</summary>
    private static byte[]? Compress(byte[] bytes)
    {
        var buffer = new byte[bytes.Length - (bytes.Length / 8)];
        return BrotliEncoder.TryCompress(bytes, buffer, out var written, Quality, Window) ? buffer[..written] : null;
    }
}
