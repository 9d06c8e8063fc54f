using System.Security.Cryptography;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// What a variant's fields are called: a hash of the selecting fields' names and values, each behind its length. The head holds the values
/// themselves, and they are what is compared.
/// </summary>
internal static class VariantName
{
    public const int Length = 32;

    /// <summary>That of responses without selecting fields, which most are.</summary>
    public static readonly string Plain = Hashed([]);

    public static string Of(ReadOnlySpan<VaryValue> vary) => vary.IsEmpty ? Plain : Hashed(vary);

    private static string Hashed(ReadOnlySpan<VaryValue> vary)
    {
        var text = new StringBuilder("v1");
        foreach (var value in vary)
        {
            text.Append('|').Append(value.Name.Length).Append(':').Append(value.Name.ToLowerInvariant())
                .Append('|').Append(value.Value?.Length ?? -1).Append(':').Append(value.Value);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, Length / 2));
    }
}
