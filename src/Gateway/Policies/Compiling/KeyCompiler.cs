using CacheGateway.Model;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Compiling;

/// <summary>Makes the key rules of a policy.</summary>
internal sealed class KeyCompiler(PolicyErrors errors, bool hasTokens)
{
    public KeyRules Compile(KeySection section, Location at)
    {
        var rules = new KeyRules
        {
            QueryInclude = section.Query?.Include,
            QueryIgnore = Ignored(section.Query, at.Member("query").Member("ignore")),
            QuerySort = section.Query?.Sort ?? false,
            QuerySecret = section.Query?.Secret,
            Headers = Headers(section.Headers ?? [], at.Member("headers")),
            Cookies = section.Cookies ?? [],
            Identity = Identity(section, at),
            Claim = IdentityAttribute.ClaimOf(section.Identity),
        };
        return rules with { Hash = KeyHash.Of(rules) };
    }

    private static IdentityRule RuleOf(string? identity) =>
        IdentityAttribute.ClaimOf(identity) is not null ? IdentityRule.Claim
            : identity == IdentityAttribute.Share ? IdentityRule.Share
            : IdentityRule.Isolate;

    private static string? WhyUnkeyable(string header) => header.ToLowerInvariant().Replace('_', '-') switch
    {
        "authorization" => "is keyed by \"identity\", which hashes it",
        "cookie" => "is keyed by \"identity\" or \"cookies\"",
        "host" => "is always keyed",
        "x-forwarded-for" =>
            "is written anew with the address of who connects, so a client's own would be keyed and never seen; key a field that the proxy in front makes of the address, such as a country",
        "range" or "connection" or "keep-alive" or "te" or "trailer" or "transfer-encoding" or "upgrade" or "content-length" =>
            "belongs to one request and cannot be keyed",
        var name when name.StartsWith("if-", StringComparison.Ordinal) || name.StartsWith("proxy-", StringComparison.Ordinal) =>
            "belongs to one request and cannot be keyed",
        _ => null,
    };

    private IReadOnlyList<string> Ignored(QuerySection? query, Location at)
    {
        var ignored = query?.Ignore ?? [];
        foreach (var (index, name) in ignored.Index())
        {
            if (query?.Include?.Contains(name) == true)
            {
                errors.AddValue(at.Item(index), name, "is included, too; leave out one of them");
            }
        }

        return ignored;
    }

    private IReadOnlyList<string> Headers(IReadOnlyList<string> headers, Location at)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, header) in headers.Index())
        {
            if ((seen.Add(header) ? WhyUnkeyable(header) : "stands twice, in another case") is { } problem)
            {
                errors.AddValue(at.Item(index), header, problem);
            }
        }

        return headers;
    }

    private IdentityRule Identity(KeySection section, Location at)
    {
        var rule = RuleOf(section.Identity);
        if (rule == IdentityRule.Claim && !hasTokens)
        {
            errors.AddValue(
                at.Member("identity"),
                section.Identity!,
                "is an unknown identity claim: it needs a \"tokens\" section that says how tokens are verified");
        }

        if (rule == IdentityRule.Share && section.SharedOnPurpose is null)
        {
            errors.Add(at.Member("sharedOnPurpose"), "is missing: say in a sentence why one user's answer may be shown to all");
        }
        else if (rule != IdentityRule.Share && section.SharedOnPurpose is not null)
        {
            errors.Add(at.Member("sharedOnPurpose"), "only goes with \"identity\": \"share\"");
        }

        return rule;
    }
}
