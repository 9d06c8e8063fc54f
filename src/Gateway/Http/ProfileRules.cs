using System.Collections.Frozen;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// The one place where the profiles differ. Each row is a place where RFC 9111 allows something that is dangerous in front of origins that never
/// thought of a shared cache; <c>safe</c> refuses it, <c>rfc9111</c> does what the letter says.
/// </summary>
public sealed record ProfileRules
{
    private static readonly ProfileRules Safe = new()
    {
        StoresSetCookie = false,
        TreatsCookieAsCredential = true,
        StoresErrorsWithExplicitFreshness = false,
        SharesAuthorizedByMustRevalidate = false,
        HeuristicStatuses = FrozenSet.ToFrozenSet([200, 203, 204, 300, 301, 308, 404, 410]),
        HeuristicCap = TimeSpan.FromMinutes(10),
        Reload = ClientReload.Collapse,
        StoresPartial = false,
        VariesOnNamedAllowOrigin = true,
    };

    private static readonly ProfileRules Letter = new()
    {
        StoresSetCookie = true,
        TreatsCookieAsCredential = false,
        StoresErrorsWithExplicitFreshness = true,
        SharesAuthorizedByMustRevalidate = true,
        // RFC 9110 15.1: the statuses that are heuristically cacheable by their definition.
        HeuristicStatuses = FrozenSet.ToFrozenSet([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]),
        HeuristicCap = TimeSpan.FromHours(24),
        Reload = ClientReload.Honour,
        StoresPartial = true,
        VariesOnNamedAllowOrigin = false,
    };

    /// <summary>Whether a response with Set-Cookie may be stored (RFC 9111 7.3 leaves it to directives).</summary>
    public required bool StoresSetCookie { get; init; }

    /// <summary>Whether a Cookie isolates like Authorization does.</summary>
    public required bool TreatsCookieAsCredential { get; init; }

    /// <summary>Whether 4xx and 5xx other than 404 and 410 are stored when they say for how long.</summary>
    public required bool StoresErrorsWithExplicitFreshness { get; init; }

    /// <summary>Whether must-revalidate alone lets an authorised response be shared (RFC 9111 3.5).</summary>
    public required bool SharesAuthorizedByMustRevalidate { get; init; }

    /// <summary>Statuses that may live by heuristics (RFC 9111 4.2.2) or by a policy's default ttl.</summary>
    public required FrozenSet<int> HeuristicStatuses { get; init; }

    /// <summary>The longest heuristic lifetime.</summary>
    public required TimeSpan HeuristicCap { get; init; }

    /// <summary>What a client's no-cache, max-age=0 or Pragma does unless the policy says otherwise.</summary>
    public required ClientReload Reload { get; init; }

    /// <summary>Whether a 206 is stored as partial.</summary>
    public required bool StoresPartial { get; init; }

    /// <summary>Whether Access-Control-Allow-Origin with a name counts as Vary: Origin.</summary>
    public required bool VariesOnNamedAllowOrigin { get; init; }

    public static ProfileRules For(CacheProfile profile) => profile == CacheProfile.Rfc9111 ? Letter : Safe;

    public static ClientReload ReloadOf(CachePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.ClientReload == ClientReload.Profile ? For(policy.Profile).Reload : policy.ClientReload;
    }
}
