using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Pipeline;

/// <summary>
/// The fields that speak to this cache before Cache-Control does (RFC 9213 2.2), the most specific first. <c>Surrogate-Control</c> may be put
/// among them; it is read by the same grammar.
/// </summary>
internal sealed record TargetedFields(IReadOnlyList<string> Names)
{
    /// <summary>These are read where no setting names others.</summary>
    public static readonly string[] Usual = ["CacheGateway-Cache-Control", "CDN-Cache-Control"];

    /// <summary>64 bits suffice: a list only meets the former ones of its deployment.</summary>
    private const int HashBytes = 8;

    /// <summary>
    /// For the key of what is stored by them: "" for the usual ones, else a hash of all in their order. They say who may see an answer before <c>private</c> does, so what was stored by
    /// others may show what these keep back.
    /// </summary>
    public string KeyPart => Names.SequenceEqual(Usual, StringComparer.OrdinalIgnoreCase) ? ""
        : "|" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(',', Names).ToLowerInvariant())).AsSpan(0, HashBytes));
}
