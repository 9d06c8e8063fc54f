using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>Finds the verified claim of a request under a policy that keys by one.</summary>
internal static class IdentityVerifier
{
    /// <summary>False when the request must neither hit nor join: it has a token that does not verify, or none where one is needed.</summary>
    public static bool TryVerify(CachePolicy policy, out string? claim)
    {
        claim = null;
        return policy.Key.Identity != IdentityRule.Claim;
    }
}
