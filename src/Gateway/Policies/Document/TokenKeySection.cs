using System.ComponentModel;
using System.Text.Json.Serialization;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>A key, as the members of a JSON Web Key (RFC 7518 6) that verify need.</summary>
[Description("A key: RSA with n and e, EC with crv, x and y, oct with k.")]
internal sealed class TokenKeySection
{
    [Description("RSA for RS256, EC for ES256, oct for HS256."), Choice("RSA", "EC", "oct"), JsonRequired]
    public string? Kty { get; init; }

    [Description("RSA modulus, at least 2048 bits."), Base64Url]
    public string? N { get; init; }

    [Description("RSA exponent."), Base64Url]
    public string? E { get; init; }

    [Description("Curve."), Choice("P-256")]
    public string? Crv { get; init; }

    [Description("Coordinate of an EC key."), Base64Url]
    public string? X { get; init; }

    [Description("Coordinate of an EC key."), Base64Url]
    public string? Y { get; init; }

    [Description("Shared secret, at least 32 bytes."), Base64Url]
    public string? K { get; init; }
}
