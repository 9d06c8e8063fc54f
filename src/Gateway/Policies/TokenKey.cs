using System.Security.Cryptography;

namespace CacheGateway.Policies;

/// <summary>
/// One key, bound to the one algorithm of its type, so that a token cannot have an RSA key taken for a shared secret.
/// The parameters are imported for each verification: the framework's key objects are not made for use by several threads.
/// </summary>
internal abstract record TokenKey(string Algorithm)
{
    public abstract bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    public sealed record Rsa(RSAParameters Parameters) : TokenKey("RS256")
    {
        public override bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        {
            using var key = RSA.Create(Parameters);
            return key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    public sealed record Ec(ECParameters Parameters) : TokenKey("ES256")
    {
        public override bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        {
            using var key = ECDsa.Create(Parameters);
            return key.VerifyData(signed, signature, HashAlgorithmName.SHA256);
        }
    }

    public sealed record Secret(byte[] Bytes) : TokenKey("HS256")
    {
        public override bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
            CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Bytes, signed), signature);
    }
}
