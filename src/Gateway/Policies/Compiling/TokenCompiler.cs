using System.Buffers.Text;
using System.Security.Cryptography;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Compiling;

/// <summary>Makes the verifier of bearer tokens.</summary>
internal sealed class TokenCompiler(PolicyErrors errors)
{
    private const int LeastRsaBits = 2048;

    /// <summary>RFC 7518 3.2: a key of the hash's size or larger.</summary>
    private const int LeastSecretBytes = 32;

    public TokenVerifier? Compile(TokensSection? section)
    {
        if (section?.Issuer is null || section.Audience is null || section.Algorithms is null || section.Keys is null)
        {
            return null;
        }

        var at = Location.Root.Member("tokens");
        var keys = new Dictionary<string, TokenKey>(StringComparer.Ordinal);
        foreach (var (id, key) in section.Keys)
        {
            if (Key(key, section.Algorithms, at.Member("keys").Member(id)) is { } made)
            {
                keys[id] = made;
            }
        }

        foreach (var (index, algorithm) in section.Algorithms.Index())
        {
            if (!errors.Any && keys.Values.All(key => key.Algorithm != algorithm))
            {
                errors.AddValue(at.Member("algorithms").Item(index), algorithm, "has no key under \"keys\"");
            }
        }

        if (section.Algorithms.Count == 0)
        {
            errors.Add(at.Member("algorithms"), "must not be empty");
        }

        return new TokenVerifier(section.Issuer, section.Audience, keys);
    }

    private TokenKey? Key(TokenKeySection section, IReadOnlyList<string> algorithms, Location at)
    {
        try
        {
            var (key, problem) = section.Kty switch
            {
                "RSA" => Rsa(section),
                "EC" => Ec(section),
                "oct" => Secret(section),
                _ => (null, null),
            };
            problem ??= key is not null && !algorithms.Contains(key.Algorithm) ? $"is for {key.Algorithm}, which \"algorithms\" does not name" : null;
            // A member that is wrong was left out: that it is missing follows from what was said of it.
            if (problem is not null && !errors.IsWrongBelow(at))
            {
                errors.Add(at, problem);
            }

            return key;
        }
        catch (CryptographicException)
        {
            errors.Add(at, $"is no {section.Kty} key");
            return null;
        }
    }

    private static (TokenKey? Key, string? Problem) Rsa(TokenKeySection section)
    {
        if (section.N is null || section.E is null)
        {
            return (null, "must have \"n\" and \"e\"");
        }

        var parameters = new RSAParameters { Modulus = Base64Url.DecodeFromChars(section.N), Exponent = Base64Url.DecodeFromChars(section.E) };
        using var key = RSA.Create(parameters);
        return key.KeySize < LeastRsaBits ? (null, $"must have at least {LeastRsaBits} bits") : (new TokenKey.Rsa(parameters), null);
    }

    private static (TokenKey? Key, string? Problem) Ec(TokenKeySection section)
    {
        if (section.Crv is null || section.X is null || section.Y is null)
        {
            return (null, "must have \"crv\", \"x\" and \"y\"");
        }

        var parameters = new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(section.X), Y = Base64Url.DecodeFromChars(section.Y) },
        };
        using var key = ECDsa.Create(parameters);
        return (new TokenKey.Ec(parameters), null);
    }

    private static (TokenKey? Key, string? Problem) Secret(TokenKeySection section)
    {
        if (section.K is null)
        {
            return (null, "must have \"k\"");
        }

        var bytes = Base64Url.DecodeFromChars(section.K);
        return bytes.Length < LeastSecretBytes ? (null, $"must have at least {LeastSecretBytes} bytes") : (new TokenKey.Secret(bytes), null);
    }
}
