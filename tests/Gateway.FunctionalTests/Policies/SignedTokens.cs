using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>Bearer tokens as an identity provider signs them, and the <c>tokens</c> section that verifies them.</summary>
internal sealed class SignedTokens : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>A policy for every path, keyed by the verified claim "sub".</summary>
    public string Policies
    {
        get
        {
            var rsa = _rsa.ExportParameters(false);
            var ec = _ec.ExportParameters(false).Q;
            return $$"""
                { "policies": { "all": { "ttl": "1h", "key": { "identity": "claim:sub" } } },
                  "tokens": { "issuer": "me", "audience": "shop", "algorithms": ["HS256", "RS256", "ES256"], "keys": {
                    "HS256": { "kty": "oct", "k": "{{Text(_secret)}}" },
                    "RS256": { "kty": "RSA", "n": "{{Text(rsa.Modulus)}}", "e": "{{Text(rsa.Exponent)}}" },
                    "ES256": { "kty": "EC", "crv": "P-256", "x": "{{Text(ec.X)}}", "y": "{{Text(ec.Y)}}" } } } }
                """;
        }
    }

    public void Dispose()
    {
        _rsa.Dispose();
        _ec.Dispose();
    }

    /// <summary>An Authorization line; <paramref name="salt"/> makes another token of the same claims.</summary>
    public string Line(string algorithm, string subject, DateTimeOffset expires, string issuer = "me", string audience = "shop", int salt = 0)
    {
        var header = $$"""{"alg": "{{algorithm}}", "kid": "{{algorithm}}"}""";
        var payload = $$"""{"iss": "{{issuer}}", "aud": "{{audience}}", "exp": {{expires.ToUnixTimeSeconds()}}, "sub": "{{subject}}", "jti": "{{salt}}"}""";
        var signed = $"{Text(Encoding.UTF8.GetBytes(header))}.{Text(Encoding.UTF8.GetBytes(payload))}";
        return $"Authorization: Bearer {signed}.{Text(Sign(algorithm, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Text(byte[]? bytes) => Base64Url.EncodeToString(bytes);

    private byte[] Sign(string algorithm, byte[] bytes) => algorithm switch
    {
        "RS256" => _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "ES256" => _ec.SignData(bytes, HashAlgorithmName.SHA256),
        _ => HMACSHA256.HashData(_secret, bytes),
    };
}
