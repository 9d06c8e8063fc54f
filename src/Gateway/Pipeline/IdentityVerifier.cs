using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>Finds the verified claim of a request under a policy that keys by one.</summary>
internal static class IdentityVerifier
{
    /// <summary>
    /// False when the request must neither hit nor join: its token does not verify, has expired or lacks the claim. Where the policy keys by
    /// no claim, true with a null <paramref name="claim"/>.
    /// </summary>
    public static bool TryVerify(CachePolicyTable table, CachePolicy policy, HttpContext context, DateTimeOffset now, out VerifiedClaim? claim)
    {
        claim = null;
        if (policy.Key.Identity != IdentityRule.Claim)
        {
            return true;
        }

        claim = table.Tokens?.Verify(FieldLines.Find(context.Request.Headers, HeaderNames.Authorization) ?? "", policy.Key.Claim!, now);
        return claim is not null;
    }
}
