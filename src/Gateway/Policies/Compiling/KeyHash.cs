using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Policies.Compiling;

/// <summary>
/// Hash of the key rules: the same wherever they mean the same, whatever the order or spacing of the file. Drawn (each text behind its length):
/// <code>
/// v1 | include: "-" or n names | ignore: n names | sort | headers: n lower-case names | cookies: n names | identity | claim
/// </code>
/// </summary>
internal static class KeyHash
{
    /// <summary>64 bits suffice: a policy only meets its own former sections.</summary>
    private const int Bytes = 8;

    public static string Of(KeyRules rules)
    {
        var text = new StringBuilder("v1|");
        Add(text, rules.QueryInclude);
        Add(text, rules.QueryIgnore);
        text.Append(rules.QuerySort ? '1' : '0').Append('|');
        Add(text, rules.Headers.Select(header => header.ToLowerInvariant()));
        Add(text, rules.Cookies);
        text.Append(rules.Identity switch
        {
            IdentityRule.Isolate => "isolate",
            IdentityRule.Share => "share",
            IdentityRule.Claim => "claim",
            _ => "none",
        });
        Add(text, rules.Claim is null ? null : [rules.Claim]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, Bytes));
    }

    private static void Add(StringBuilder text, IEnumerable<string>? names)
    {
        if (names is null)
        {
            text.Append("-|");
            return;
        }

        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name.Length}:{name}");
        }

        text.Append('|');
    }
}
