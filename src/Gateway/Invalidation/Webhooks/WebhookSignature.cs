using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>
/// Standard Webhooks, signature scheme v1: base64 of HMAC-SHA256 over <c>id.timestamp.body</c>, the body as the raw bytes that came. Several
/// signatures in one header and several secrets here: so that secrets can be changed without losing a message.
/// </summary>
internal sealed class WebhookSignature(IEnumerable<byte[]> secrets)
{
    /// <summary>More make no sense, and each costs a comparison.</summary>
    private const int MaxSignatures = 16;
    private const int MaxId = 256;
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly byte[][] _secrets = [.. secrets];

    /// <summary>Whether the id may become part of a name, and of what is signed: "." separates the parts.</summary>
    public static bool IsId(string? id) => id is { Length: > 0 and <= MaxId } && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    public static bool IsTimely(string? timestamp, DateTimeOffset now) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds < 253_402_300_800
        && (now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() <= Tolerance;

    /// <summary>In constant time for each signature, and every one is looked at.</summary>
    public bool IsSigned(string id, string timestamp, ReadOnlySpan<byte> body, string signatures)
    {
        var given = signatures.Split(' ', MaxSignatures + 1, StringSplitOptions.RemoveEmptyEntries);
        var found = false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> sent = stackalloc byte[64];
        foreach (var secret in _secrets)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
            hmac.AppendData(Encoding.ASCII.GetBytes($"{id}.{timestamp}."));
            hmac.AppendData(body);
            hmac.GetHashAndReset(expected);
            foreach (var signature in given.Take(MaxSignatures).Where(text => text.StartsWith("v1,", StringComparison.Ordinal)))
            {
                found |= Base64.DecodeFromUtf8(Encoding.ASCII.GetBytes(signature[3..]), sent, out _, out var length) == System.Buffers.OperationStatus.Done
                    && CryptographicOperations.FixedTimeEquals(expected, sent[..length]);
            }
        }

        return found;
    }
}
