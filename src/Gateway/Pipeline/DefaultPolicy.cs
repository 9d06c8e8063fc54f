using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Policies.Compiling;

namespace CacheGateway.Pipeline;

/// <summary>
/// What holds for a request that no policy of the file takes: the transparent cache of <c>run --origin</c> without a policy file, nothing with one.
/// </summary>
/// <param name="Policy">The transparent policy, or null = such requests pass.</param>
/// <param name="IsCachingEnabled">False turns the whole cache off (CACHE_ENABLED=false): every request passes.</param>
internal sealed record DefaultPolicy(CachePolicy? Policy, bool IsCachingEnabled)
{
    public const string TransparentName = "transparent";

    /// <summary>What switches caching off as a whole, in words of the settings; null while it is on.</summary>
    public string? SwitchedOffBy(CachePolicyTable table) =>
        !IsCachingEnabled ? "CACHE_ENABLED"
        : !table.Enabled ? "\"enabled\": false in the policy file"
        : null;

    /// <summary>RFC 9111 for every path: the origin's own freshness, credentials by the profile, no key rules.</summary>
    public static CachePolicy Transparent(CacheProfile profile, TimeSpan? ttl, GatewayLimits limits)
    {
        var policy = new CachePolicy
        {
            Name = TransparentName,
            Profile = profile,
            Transparent = true,
            Heuristics = true,
            CloseDelimited = profile == CacheProfile.Rfc9111,
            Ttl = ttl,
            Key = KeyRules.Default with { Identity = IdentityRule.None },
            CollapseWaitUnknown = limits.TransparentWait,
        };
        return policy with { Key = policy.Key with { Hash = policy.Key.Hash + KeyHash.OfSharing(policy) } };
    }
}
