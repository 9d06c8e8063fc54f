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
    /// dropped, or named by Vary, and only the very spelling that is keyed or judged (<see cref="CredentialFields"/>) goes on. Where a policy itself keys or drops a name with underscores, the one
    /// with dashes is the alias; but not of what frameworks trust: a client's own is gone by then, and what is there was written here.
    /// </summary>
    /// <param name="request">As it is sent.</param>
    /// <param name="policy">Under which its answer may be stored, or null.</param>
    public static void DropAliases(HttpRequestMessage request, CachePolicy? policy)
    {
        List<string>? aliases = null;
        foreach (var (name, _) in request.Headers.NonValidated)
        {
            if (policy is null ? name.Contains('_', StringComparison.Ordinal) && IsAliased(name.Replace('_', '-'))
                : (name.Contains('_', StringComparison.Ordinal) || (IsNamedOtherwise(name, policy) && !ClientFields.AreTrusted(name, policy))) && !IsAsWritten(name, policy))
            {
                (aliases ??= []).Add(name);
            }
        }

        aliases?.ForEach(name => request.Headers.Remove(name));
    }

    /// <summary>Credentials tell users apart in either spelling, but where a policy shares: what it keys or drops in the other one, nobody would judge in this one.</summary>
    private static bool IsAsWritten(string name, CachePolicy policy) =>
        policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (CredentialFields.Are(name) && !(policy.Key.Identity == IdentityRule.Share && IsNamedOtherwise(name, policy)));

    /// <summary>Whether the policy keys or drops another spelling of the name.</summary>
    private static bool IsNamedOtherwise(string name, CachePolicy policy) => IsAliasOfOne(name, policy.Key.Headers) || IsAliasOfOne(name, policy.DropRequestHeaders);

    private static bool IsAliasOfOne(string name, IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length == name.Length && !Is(names[i], name) && Is(names[i].Replace('_', '-'), name.Replace('_', '-')))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static bool IsAliased(string name) => Aliased.Contains(name) || name.StartsWith(ClientFields.Forwarded, StringComparison.OrdinalIgnoreCase);
}
