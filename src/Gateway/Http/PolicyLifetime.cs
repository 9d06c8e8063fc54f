using System.Collections.Frozen;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>The lifetime a policy itself gives to a status.</summary>
internal static class PolicyLifetime
{
    /// <summary>Statuses that a policy's plain <c>ttl</c> covers; any other must be named, so that no 401, 403 or 500 is ever kept for everybody by accident.</summary>
    public static readonly FrozenSet<int> Statuses = new[] { 200, 203, 204, 300, 301, 308, 404, 410 }.ToFrozenSet();

    /// <summary>Milliseconds, or null when the policy says nothing for this status.</summary>
    public static long? For(CachePolicy policy, int status, out FreshnessSource source)
    {
        if (policy.StatusTtl.TryGetValue(status, out var named))
        {
            source = FreshnessSource.PolicyStatus;
            return (long)named.TotalMilliseconds;
        }

        source = policy.Origin == OriginFreshness.Override ? FreshnessSource.PolicyOverride : FreshnessSource.PolicyFallback;
        return policy.Ttl is { } ttl && Statuses.Contains(status) ? (long)ttl.TotalMilliseconds : null;
    }
}
