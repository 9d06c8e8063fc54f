namespace CacheGateway.Http;

/// <summary>
/// Request fields that are no <c>Authorization</c> and yet say who asks: keys, tokens, and what a proxy before this one found out about the user. RFC 9111 3.5 does not know them, and an
/// origin that answers by them without <c>Vary</c> would have one user's answer given to another.
/// </summary>
public static class CredentialFields
{
    /// <summary>Names that mean nothing else.</summary>
    public static ReadOnlySpan<string> Names => All;

    private static readonly string[] All =
    [
        "X-Api-Key", "X_Api_Key", "Api-Key", "api_key", "apikey", "X-Goog-Api-Key", "Ocp-Apim-Subscription-Key",
        "X-Auth-Token", "X-Access-Token", "X-Session-Token", "X-User-Token", "Private-Token", "Cf-Access-Jwt-Assertion",
        "X-User-Id", "X-Remote-User", "Remote-User", "X-Auth-Request-User", "X-Tenant-Id",
    ];

    public static bool Are(string name)
    {
        foreach (var known in Names)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
