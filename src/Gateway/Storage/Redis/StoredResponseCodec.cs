using System.Security.Cryptography;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// The head of a stored response as bytes. Version 1, big-endian, drawn:
/// <code>
///   0   2  "CG"
///   2   1  version
///   3   1  flags: 1 signed, 2 ETag made here, 4 shared explicitly, 8 always validate, 16 never stale, 32 not to be confirmed,
///         64, 128 Last-Modified a second, a minute before the body's Date
///   4   8  epoch                                             \
///  12   8  received: ms of Redis' clock                       | read by the write script at these places:
///  20   8  start of SHA-256(incarnation)                      | moving them is a new version
///  28  32  SHA-256 of the body field (zeros: none)           /
///  60   4  length of the body field
///  64   4  length of the body
///  68   1  coding of the body field: 0 none, 1 br
///  69   1  freshness source
///  70   2  status
///  72   8  Date: UTC ticks
///  80   8  Last-Modified: UTC ticks (0: none)
///  88   8  lifetime ms
///  96   8  age ms when received
/// 104   8  stale-while-revalidate ms
/// 112   8  stale-if-error ms
/// 120   8  max-age for clients (-1: none)
/// 128   .  texts: key, incarnation, policy, scheme, authority, target, route?, ETag?, Cache-Control for clients?
///       .  2 n, n times: text name, text value               fields
///       .  2 n, n times: text name, text? value              selecting fields of the request
///       .  2 n, n times: text                                tags
///      32  seal: SHA-256 of everything before, or with a signing key HMAC-SHA256
///
/// text = 4 length, UTF-8; text? = the same, or FFFFFFFF for absent
/// </code>
/// Whatever is read may have been written by anybody: lengths are checked before they are used, and the result is judged as an origin's
/// answer is. The seal finds damage; only with a key does it find a forger.
/// </summary>
/// <param name="signingKey">Signs; null = nothing is signed, and what is signed is not read.</param>
/// <param name="otherKeys">Verify as well.</param>
internal sealed class StoredResponseCodec(string? signingKey, params IEnumerable<string> otherKeys)
{
    public const byte Version = 1;

    /// <summary>Where the numbers begin.</summary>
    public const int EpochAt = 4;

    /// <summary>Longest head; far above what a server accepts as fields.</summary>
    public const int MaxHead = 512 * 1024;

    private const int SealLength = 32;
    internal const int IncarnationLength = 8;
    private const byte Signed = 1;
    internal const byte ETagGenerated = 2;
    internal const byte SharedExplicitly = 4;
    internal const byte AlwaysValidate = 8;
    internal const byte NeverStale = 16;
    internal const byte JudgedUnseen = 32;
    internal const byte ModifiedBefore = 64;
    internal const byte ModifiedLongBefore = 128;

    private static ShortName? _last;

    private readonly byte[]? _key = signingKey is null ? null : KeyOf(signingKey);
    private readonly byte[][] _otherKeys = [.. otherKeys.Select(KeyOf)];

    /// <summary>The bytes of a head, or null for a response that the format cannot hold (a part, what stays as it is, half a surrogate pair, too many fields).</summary>
    public byte[]? Encode(StoredHead head)
    {
        var response = head.Response;
        if (response.Partial is not null || response.StaysAsItIs || response.Epoch < 0 || response.Headers.Length > ushort.MaxValue || response.Tags.Length > ushort.MaxValue)
        {
            return null;
        }

        var writer = new WireWriter();
        try
        {
            Fixed(writer, head, response);
            Texts(writer, head, response);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }

        writer.Bytes(Seal(_key, writer.Written, stackalloc byte[SealLength]));
        return writer.Written.Length > MaxHead ? null : writer.Written.ToArray();
    }

    public HeadReading Decode(ReadOnlySpan<byte> bytes, CacheKey key, out StoredHead? head)
    {
        head = null;
        if (bytes.Length < 4 || bytes[0] != 'C' || bytes[1] != 'G')
        {
            return HeadReading.Corrupt;
        }

        if (bytes[2] != Version)
        {
            return HeadReading.Unknown;
        }

        if (bytes.Length is < SealLength + 128 or > MaxHead
            || (bytes[3] & Signed) != (_key is null ? 0 : Signed)
            || !IsSealed(bytes))
        {
            return HeadReading.Corrupt;
        }

        head = StoredHeadReader.Read(bytes[..^SealLength], key);
        return head is null ? HeadReading.Corrupt : HeadReading.Ok;
    }

    /// <summary>The part of a head that tells its incarnation from others.</summary>
    internal static ReadOnlySpan<byte> Short(string incarnation)
    {
        // Nearly every head is of the life that goes on.
        if (Volatile.Read(ref _last) is not { } last || last.Incarnation != incarnation)
        {
            last = new ShortName(incarnation, SHA256.HashData(Encoding.UTF8.GetBytes(incarnation)));
            Volatile.Write(ref _last, last);
        }

        return last.Hash.AsSpan(0, IncarnationLength);
    }

    private static byte[] KeyOf(string signingKey) => SHA256.HashData(Encoding.UTF8.GetBytes("CacheGateway head\0" + signingKey));

    private bool IsSealed(ReadOnlySpan<byte> bytes)
    {
        var text = bytes[..^SealLength];
        var seal = bytes[^SealLength..];
        Span<byte> expected = stackalloc byte[SealLength];
        if (CryptographicOperations.FixedTimeEquals(Seal(_key, text, expected), seal))
        {
            return true;
        }

        foreach (var key in _otherKeys)
        {
            if (CryptographicOperations.FixedTimeEquals(Seal(key, text, expected), seal))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Seal(byte[]? key, ReadOnlySpan<byte> bytes, Span<byte> seal)
    {
        _ = key is null ? SHA256.HashData(bytes, seal) : HMACSHA256.HashData(key, bytes, seal);
        return seal;
    }

    private void Fixed(WireWriter writer, StoredHead head, StoredResponse response)
    {
        var freshness = response.Freshness;
        writer.Byte((byte)'C');
        writer.Byte((byte)'G');
        writer.Byte(Version);
        writer.Byte((byte)((_key is null ? 0 : Signed) | (response.ETagGenerated ? ETagGenerated : 0) | (response.IsSharedExplicitly ? SharedExplicitly : 0)
            | (freshness.AlwaysValidate ? AlwaysValidate : 0) | (freshness.NeverStale ? NeverStale : 0) | (response.IsJudgedUnseen ? JudgedUnseen : 0)
            | (response.ModifiedStrength switch { DateStrength.Minute => ModifiedLongBefore, DateStrength.Second => ModifiedBefore, _ => 0 })));
        writer.Int64(response.Epoch);
        writer.Int64(head.ReceivedAt);
        writer.Bytes(Short(head.Incarnation));
        writer.Bytes(head.Body.Hash.Span);
        writer.UInt32((uint)head.Body.FieldLength);
        writer.UInt32((uint)head.Body.Length);
        writer.Byte((byte)head.Body.Coding);
        writer.Byte((byte)freshness.Source);
        writer.UInt16(response.Status);
        writer.Int64(response.Date.UtcTicks);
        writer.Int64(response.LastModified?.UtcTicks ?? 0);
        writer.Int64(freshness.Lifetime);
        writer.Int64(freshness.InitialAge);
        writer.Int64(freshness.StaleWhileRevalidate);
        writer.Int64(freshness.StaleIfError);
        writer.Int64(response.ClientCacheControl?.MaxAge ?? -1);
    }

    private static void Texts(WireWriter writer, StoredHead head, StoredResponse response)
    {
        var resource = response.Resource;
        foreach (var text in (ReadOnlySpan<string?>)[response.Key.ToString(), head.Incarnation, resource.Policy, resource.Scheme, resource.Authority, resource.Target,
            resource.Route, response.ETag, response.ClientCacheControl?.Directives])
        {
            writer.Text(text);
        }

        writer.UInt16(response.Headers.Length);
        foreach (var field in response.Headers)
        {
            writer.Text(field.Name);
            writer.Text(field.Value);
        }

        writer.UInt16(response.Vary.Length);
        foreach (var vary in response.Vary)
        {
            writer.Text(vary.Name);
            writer.Text(vary.Value);
        }

        writer.UInt16(response.Tags.Length);
        foreach (var tag in response.Tags)
        {
            writer.Text(tag);
        }
    }

    private sealed record ShortName(string Incarnation, byte[] Hash);
}
