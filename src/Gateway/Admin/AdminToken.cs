using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Admin;

/// <summary>Compares what a client presents with the configured token, in a time that tells nothing about either.</summary>
internal sealed class AdminToken(AdminOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _hash = options.Token is { } token ? Hash(token) : null;

    public bool IsRequired => _hash is not null;

    public bool Matches(string presented) => _hash is not null && CryptographicOperations.FixedTimeEquals(Hash(presented), _hash);

    /// <summary>Whether the request carries the token as RFC 6750 2.1 says.</summary>
    public bool IsCarriedBy(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Matches(value[Scheme.Length..].Trim());

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
