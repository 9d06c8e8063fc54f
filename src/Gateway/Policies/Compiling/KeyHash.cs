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
/// of the members beside them that say who may see what is stored, where one is not as it is by default
/// <code>
/// v1 | profile | forwardOnly | setCookie | vary: n lower-case names with their actions | dropRequestHeaders: n lower-case names
///    | "forwardTags", where it is on | ignoreDirectives, where there are any
/// </code>
/// of the conditions on headers, where there are any: no other part of a key holds them (those on the query are in the target, or the origin is not sent them)
/// <code>
/// v1 | headers | n lower-case names, each with "=" and its value unless it takes any
/// </code>
/// and of the templates of tags with the path whose names they use. What was stored under other templates has other tags: an invalidation by the new ones would miss it.
/// <code>
/// v1 | n templates, each with its place in the body on a line of its own where it has one | path
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
        return Hash(text);
    }

    /// <summary>
    /// What one profile stores with Set-Cookie, or was made for a request that another rule would not have sent, must not be found under the other. "" where all is
    /// as it is by default.
    /// </summary>
    public static string OfSharing(CachePolicy policy)
    {
        if (policy is { Profile: CacheProfile.Safe, ForwardOnly: false, StripSetCookie: false, Vary.Count: 0, DropRequestHeaders.Count: 0, ForwardTags: false, IgnoredDirectives: OriginDirectives.None })
        {
            return "";
        }

        var text = new StringBuilder("v1|");
        text.Append(policy.Profile == CacheProfile.Rfc9111 ? "rfc9111|" : "safe|");
        text.Append(policy.ForwardOnly ? "1|" : "0|").Append(policy.StripSetCookie ? "strip|" : "profile|");
        Add(text, policy.Vary.Select(vary => $"{vary.Key.ToLowerInvariant()}={vary.Value}"));
        Add(text, policy.DropRequestHeaders.Select(header => header.ToLowerInvariant()));
        text.Append(policy.ForwardTags ? "forwardTags|" : "");
        text.Append(policy.IgnoredDirectives == OriginDirectives.None ? "" : $"{policy.IgnoredDirectives}|");
        return Hash(text);
    }

    /// <summary>
    /// "" where a policy asks for no header. What was stored for the requests that it took before is nothing for those that it takes now; v1 took values with other white space around them as well.
    /// </summary>
    public static string OfConditions(PolicyMatch match)
    {
        if (match.Headers.Count == 0)
        {
            return "";
        }

        var text = new StringBuilder("v2|headers|");
        Add(text, match.Headers.Select(header => header.Value is null ? header.Key.ToLowerInvariant() : $"{header.Key.ToLowerInvariant()}={header.Value}"));
        return Hash(text);
    }

    /// <summary>
    /// "" where a policy has no tags, "-" where it has no path either: what was stored without one is not cleared by its path alone, as a policy with one has it.
    /// </summary>
    public static string OfTags(IReadOnlyList<TagTemplate> tags, PathTemplate? path)
    {
        if (tags.Count == 0)
        {
            return path is null ? "-" : "";
        }

        var text = new StringBuilder("v1|");
        Add(text, tags.Select(tag => tag.BodyPath is null ? tag.Text : $"{tag.Text}\n{tag.BodyPath}"));
        Add(text, path is null ? null : [path.Text]);
        return Hash(text);
    }

    private static string Hash(StringBuilder text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, Bytes));

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
