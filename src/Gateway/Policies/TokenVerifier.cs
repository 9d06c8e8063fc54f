using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace CacheGateway.Policies;

/// <summary>
/// Verifies bearer tokens: JSON Web Tokens (RFC 7519) signed by a configured key with a configured algorithm (RFC 8725 3.1), from the configured issuer,
/// for the configured audience, within their time. No leeway: a token on the edge passes uncached, which harms nobody.
/// </summary>
public sealed class TokenVerifier
{
    private const string Scheme = "Bearer ";

    /// <summary>Longer than what servers take as one header; nothing longer is decoded.</summary>
    private const int MaxLength = 16 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly string _issuer;
    private readonly string _audience;
    private readonly IReadOnlyDictionary<string, TokenKey> _keys;

    internal TokenVerifier(string issuer, string audience, IReadOnlyDictionary<string, TokenKey> keys)
    {
        _issuer = issuer;
        _audience = audience;
        _keys = keys;
    }

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The named claim of the token in an Authorization header, or null when it does not verify or has no such claim.</summary>
    public VerifiedClaim? Verify(string authorization, string claim, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        if (authorization.Length > MaxLength || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // As it is, and as it is sent on: what an origin's own reader refuses must not be taken here for somebody's.
        var token = authorization[Scheme.Length..];
        var parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[2]) is not { } signature)
        {
            return null;
        }

        using var header = ParseObject(parts[0]);
        using var payload = ParseObject(parts[1]);
        return header is not null && payload is not null
            && IsSigned(header.RootElement, token.AsSpan(0, token.LastIndexOf('.')), signature)
            && ExpiryOf(payload.RootElement, now) is { } expiry
            && ClaimOf(payload.RootElement, claim) is { } value
            ? new VerifiedClaim(value, _issuer, _audience, expiry)
            : null;
    }

    private static JsonDocument? ParseObject(string part)
    {
        try
        {
            if (Decode(part) is not { } bytes)
            {
                return null;
            }

            var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name that is no text (half a surrogate pair).
            return null;
        }
    }

    /// <summary>RFC 7515 2: without padding, line breaks or white space, which the library would pass over.</summary>
    private static byte[]? Decode(string part) =>
        part.Length > 0 && part.AsSpan().IndexOfAnyExcept(Letters) < 0 && Base64Url.IsValid(part) ? Base64Url.DecodeFromChars(part) : null;

    private static string? ClaimOf(JsonElement payload, string claim) =>
        JsonText.Member(payload, claim) is not { } value ? null
            : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
            : JsonText.Of(value) is { Length: > 0 } text ? JsonSerializer.Serialize(text)
            : null;

    /// <summary>RFC 7519 2: seconds since 1970, with or without a fraction.</summary>
    private static DateTimeOffset? TimeOf(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.GetDouble() is >= 0 and <= 253_402_300_799 and var seconds
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private bool IsSigned(JsonElement header, ReadOnlySpan<char> signed, byte[] signature)
    {
        // "crit" names what a verifier must understand (RFC 7515 4.1.11), and this one understands nothing more.
        if (header.TryGetProperty("crit", out _) || !header.TryGetProperty("alg", out var algorithm) || JsonText.Of(algorithm) is not { } name)
        {
            return false;
        }

        var keys = !header.TryGetProperty("kid", out var id) ? _keys.Values
            : JsonText.Of(id) is { } kid && _keys.TryGetValue(kid, out var named) ? [named]
            : [];
        var bytes = Encoding.ASCII.GetBytes(signed.ToArray());
        return keys.Any(key => key.Algorithm == name && key.Verifies(bytes, signature));
    }

    /// <summary>When the token ends; null when it is not from and for whom it should be, or not valid now.</summary>
    private DateTimeOffset? ExpiryOf(JsonElement payload, DateTimeOffset now) =>
        payload.TryGetProperty("iss", out var issuer) && JsonText.Of(issuer) == _issuer
            && payload.TryGetProperty("aud", out var audience) && IsFor(audience)
            && (!payload.TryGetProperty("nbf", out _) || TimeOf(payload, "nbf") <= now)
            && TimeOf(payload, "exp") is { } expiry && now < expiry
            ? expiry
            : null;

    private bool IsFor(JsonElement audience) => audience.ValueKind == JsonValueKind.Array
        ? audience.EnumerateArray().Any(one => JsonText.Of(one) == _audience)
        : JsonText.Of(audience) == _audience;
}
