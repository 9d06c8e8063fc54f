using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Request fields that frameworks trust although any client can send them: on a cached route a client's never reach the origin unless they are keyed. They are
/// taken from the request before it is forwarded, so that what transforms of the route write in their place stays.
/// </summary>
internal static class TrustedFields
{
    /// <summary><see cref="ClientFields.Trusted"/>, and the fields that delimit a message, as some servers read them where a name has underscores.</summary>
    private static readonly HashSet<string> Aliased = new(
        [.. ClientFields.Trusted, "Host", "Content-Length", "Transfer-Encoding", "Connection", "Via", "CDN-Loop"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes them away from a client's own request. They are few, and mostly there are none.</summary>
    public static void Drop(IHeaderDictionary headers, CachePolicy policy)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (ClientFields.AreTrusted(name, policy))
            {
                (found ??= []).Add(name);
            }
        }

        found?.ForEach(name => headers.Remove(name));
    }

    /// <summary>
    /// CGI and its heirs read "X_Forwarded_Host" as X-Forwarded-Host: what a field may not say, its alias may not. Where answers are stored that holds for every name: it may be one that is keyed,
    /// dropped, or named by Vary, and only the very spelling that is keyed or judged (<see cref="CredentialFields"/>) goes on.
    /// </summary>
    /// <param name="request">As it is sent.</param>
    /// <param name="policy">Under which its answer may be stored, or null.</param>
    public static void DropAliases(HttpRequestMessage request, CachePolicy? policy)
    {
        List<string>? aliases = null;
        foreach (var (name, _) in request.Headers.NonValidated)
        {
            if (name.Contains('_', StringComparison.Ordinal) && (policy is null ? IsAliased(name.Replace('_', '-')) : !IsAsWritten(name, policy)))
            {
                (aliases ??= []).Add(name);
            }
        }

        aliases?.ForEach(name => request.Headers.Remove(name));
    }

    private static bool IsAsWritten(string name, CachePolicy policy) =>
        policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase) || (CredentialFields.Are(name) && !IsKeyedOtherwise(name, policy));

    /// <summary>The policy tells keys apart, or drops them, in the other spelling: in this one nobody would.</summary>
    private static bool IsKeyedOtherwise(string name, CachePolicy policy) =>
        policy.Key.Identity == IdentityRule.Share
        && (policy.Key.Headers.Contains(name.Replace('_', '-'), StringComparer.OrdinalIgnoreCase) || policy.DropRequestHeaders.Contains(name.Replace('_', '-'), StringComparer.OrdinalIgnoreCase));

    private static bool IsAliased(string name) => Aliased.Contains(name) || name.StartsWith(ClientFields.Forwarded, StringComparison.OrdinalIgnoreCase);
}
