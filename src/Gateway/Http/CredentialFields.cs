using System.Collections.Frozen;

namespace CacheGateway.Http;

/// <summary>
/// Request fields that are no <c>Authorization</c> and yet say who asks: keys, tokens, and what a proxy before this one found out about the user. RFC 9111 3.5 does not know them, and an
/// origin that answers by them without <c>Vary</c> would have one user's answer given to another. An underscore is as good as a dash: CGI and its heirs read "X_User_Id" as X-User-Id.
/// </summary>
public static class CredentialFields
{
    /// <summary>What proves who asks, and must not be shown.</summary>
    private static readonly string[] Secrets =
    [
        "X-Api-Key", "Api-Key", "apikey", "X-Goog-Api-Key", "Ocp-Apim-Subscription-Key",
        "X-Auth-Token", "X-Access-Token", "X-Session-Token", "X-User-Token", "Private-Token", "Cf-Access-Jwt-Assertion",
    ];

    private static readonly FrozenSet<string> Every = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, [.. Secrets, "X-User-Id", "X-Remote-User", "Remote-User", "X-Auth-Request-User", "X-Tenant-Id"]);

    private static readonly FrozenSet<string> EverySecret = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, [.. Secrets, "Authorization", "Proxy-Authorization", "Cookie"]);

    /// <summary>Their names as they are written, in no order.</summary>
    internal static IReadOnlyCollection<string> All => Every.Items;

    public static bool Are(string name) => Every.Contains(Dashed(name));

    /// <summary>Whether who reads a value of it could ask in that one's name.</summary>
    public static bool AreSecret(string name) => EverySecret.Contains(Dashed(name));

    private static string Dashed(string name) => name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name;
}
