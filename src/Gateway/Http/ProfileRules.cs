using System.Collections.Frozen;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// Where the two profiles differ: here and nowhere else. <c>rfc9111</c> is the letter; <c>safe</c> refuses what the letter allows
/// but origins that were not written for a shared cache rarely mean.
/// </summary>
public sealed record ProfileRules
{
    /// <summary>RFC 9110 15.1: the statuses that are cacheable by default.</summary>
    internal static readonly FrozenSet<int> DefaultCacheable = new[] { 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501 }.ToFrozenSet();

    private static readonly ProfileRules Safe = new()
    {
        StoresSetCookie = false,
        TreatsCookieAsCredential = true,
        SharesByMustRevalidate = false,
        ServesCredentialsOnlyShared = true,
        StoresErrorsWithExplicitFreshness = false,
        HeuristicStatuses = PolicyLifetime.Statuses,
        HeuristicByPublic = false,
        HeuristicCap = TimeSpan.FromMinutes(10),
        ClientReload = ClientReload.Collapse,
        StoresPartial = false,
        VaryOnNamedAllowOrigin = true,
        VaryOnContentEncoding = true,
        TreatsFieldsAsCredential = true,
        ReadsLanguages = false,
        TakesUnknownCodings = false,
        SecretParameters = Http.SecretParameters.Usual,
    };

    private static readonly ProfileRules Rfc9111 = new()
    {
        StoresSetCookie = true,
        TreatsCookieAsCredential = false,
        SharesByMustRevalidate = true,
        ServesCredentialsOnlyShared = false,
        StoresErrorsWithExplicitFreshness = true,
        HeuristicStatuses = DefaultCacheable,
        HeuristicByPublic = true,
        HeuristicCap = TimeSpan.FromHours(24),
        ClientReload = ClientReload.Honour,
        StoresPartial = true,
        VaryOnNamedAllowOrigin = false,
        VaryOnContentEncoding = false,
        TreatsFieldsAsCredential = false,
        ReadsLanguages = true,
        TakesUnknownCodings = true,
        SecretParameters = [],
    };

    /// <summary>A response with Set-Cookie is stored, with the field (RFC 9111 7.3 leaves it to the directives).</summary>
    public required bool StoresSetCookie { get; init; }

    /// <summary>A request's Cookie restricts storing as Authorization does.</summary>
    public required bool TreatsCookieAsCredential { get; init; }

    /// <summary>must-revalidate too allows storing an answer to an authorized request (RFC 9111 3.5).</summary>
    public required bool SharesByMustRevalidate { get; init; }

    /// <summary>A request with credentials gets a stored response only if that says public or s-maxage.</summary>
    public required bool ServesCredentialsOnlyShared { get; init; }

    /// <summary>4xx and 5xx other than 404 and 410 are stored without a policy that names them.</summary>
    public required bool StoresErrorsWithExplicitFreshness { get; init; }

    /// <summary>Statuses whose lifetime may be guessed (RFC 9111 4.2.2).</summary>
    public required FrozenSet<int> HeuristicStatuses { get; init; }

    /// <summary><c>public</c> allows the guess for every other final status too (RFC 9111 4.2.2).</summary>
    public required bool HeuristicByPublic { get; init; }

    public required TimeSpan HeuristicCap { get; init; }

    /// <summary>What a client's no-cache, max-age or Pragma does where the policy says <see cref="Model.ClientReload.Profile"/>.</summary>
    public required ClientReload ClientReload { get; init; }

    /// <summary>A 206 is stored and answers what it holds (RFC 9111 3.3).</summary>
    public required bool StoresPartial { get; init; }

    /// <summary>An Access-Control-Allow-Origin that names an origin counts as <c>Vary: Origin</c>.</summary>
    public required bool VaryOnNamedAllowOrigin { get; init; }

    /// <summary>A Content-Encoding counts as <c>Vary: Accept-Encoding</c>: servers that compress without saying so would have the coded body given to who cannot read it.</summary>
    public required bool VaryOnContentEncoding { get; init; }

    /// <summary>The fields of <see cref="CredentialFields"/> restrict storing and sharing as Authorization does, where the response's Vary does not name them.</summary>
    public required bool TreatsFieldsAsCredential { get; init; }

    /// <summary>
    /// Accept-Language is read for what it means: the order of what is wanted equally counts for nothing, and a stored response in the language that is wanted most
    /// is taken although it was asked for in other words. Else the client's words are compared as they are written, as an origin may choose by their order or spelling.
    /// </summary>
    public required bool ReadsLanguages { get; init; }

    /// <summary>
    /// An answer with one transfer coding that is not known, and no length, reaches up to the end of the connection (RFC 9112 6.3); else it is
    /// refused like every answer whose end two readers could see in two places.
    /// </summary>
    public required bool TakesUnknownCodings { get; init; }

    /// <summary>Query parameters with which a request passes uncached, where the policy does not name them.</summary>
    public required IReadOnlyList<string> SecretParameters { get; init; }

    public static ProfileRules For(CacheProfile profile) => profile == CacheProfile.Rfc9111 ? Rfc9111 : Safe;

    /// <summary>
    /// Whether a client's credentials keep it from what was stored or fetched for others, unless the response says in words that all may have it
    /// (<see cref="StoredResponse.IsSharedExplicitly"/>). Fields of <see cref="CredentialFields"/> that select the response keep nobody from it: they are compared.
    /// </summary>
    public static bool CredentialsBarSharing(in RequestFacts request, CachePolicy policy, VaryValue[] vary)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(vary);
        return policy.Key.Identity == IdentityRule.None && For(policy.Profile).ServesCredentialsOnlyShared
            && (request.HasAuthorization || request.HasCookie || (request.Credentials.Length > 0 && HasOwnCredentials(request, policy, Array.ConvertAll(vary, value => value.Name))));
    }

    /// <summary>Whether one of the client's fields says who it is, and is not among <paramref name="compared"/>.</summary>
    public static bool HasOwnCredentials(in RequestFacts request, CachePolicy policy, params IReadOnlyList<string> compared)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(compared);
        if (!For(policy.Profile).TreatsFieldsAsCredential)
        {
            return false;
        }

        foreach (var name in request.Credentials)
        {
            if (!compared.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether what the origin answers a client is about the client, by its credentials: it says nothing of what everybody gets (RFC 9111 3.5).</summary>
    public static bool IsAnsweredAlone(in RequestFacts request, CachePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Key.Identity == IdentityRule.None && (request.HasAuthorization || (request.HasCookie && For(policy.Profile).TreatsCookieAsCredential) || HasOwnCredentials(request, policy));
    }
}
