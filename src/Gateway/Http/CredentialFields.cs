namespace CacheGateway.Http;

/// <summary>
/// Request fields that are no <c>Authorization</c> and yet say who asks: keys, tokens, and what a proxy before this one found out about the user. RFC 9111 3.5 does not know them, and an
/// origin that answers by them without <c>Vary</c> would have one user's answer given to another.
/// </summary>
public static class CredentialFields
{
    /// <summary>Names that mean nothing else.</summary>
    public static ReadOnlySpan<string> Names => All;

    /// <summary>What proves who asks, and must not be shown.</summary>
    private static readonly string[] Secrets =
    [
        "X-Api-Key", "X_Api_Key", "Api-Key", "api_key", "apikey", "X-Goog-Api-Key", "Ocp-Apim-Subscription-Key",
        "X-Auth-Token", "X-Access-Token", "X-Session-Token", "X-User-Token", "Private-Token", "Cf-Access-Jwt-Assertion",
    ];

    private static readonly string[] All = [.. Secrets, "X-User-Id", "X-Remote-User", "Remote-User", "X-Auth-Request-User", "X-Tenant-Id"];

    public static bool Are(string name) => IsOne(name, All);

    /// <summary>Whether who reads a value of it could ask in that one's name.</summary>
    public static bool AreSecret(string name) => IsOne(name, Secrets) || IsOne(name, ["Authorization", "Proxy-Authorization", "Cookie"]);

    private static bool IsOne(string name, ReadOnlySpan<string> among)
    {
        foreach (var known in among)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
