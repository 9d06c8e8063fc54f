using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// Query parameters that hold secrets: tokens, passwords, signatures of signed URLs. Who holds such a URL holds the right to its answer, so neither
/// belongs into a cache that others read: the request passes. Names count decoded, without case, and behind ";" too, as some origins read them.
/// </summary>
public static class SecretParameters
{
    /// <summary>What is taken for a secret under the profile <c>safe</c> where the policy does not say.</summary>
    public static readonly IReadOnlyList<string> Usual =
    [
        "access_token", "api_key", "apikey", "auth_token", "client_secret", "id_token", "jwt", "passwd", "password", "refresh_token", "secret", "sig", "signature", "token",
        "X-Amz-Signature", "X-Amz-Security-Token", "X-Goog-Signature",
    ];

    /// <summary>Whether what is keyed and forwarded of <paramref name="target"/> names a secret; what the policy leaves out does not count.</summary>
    public static bool AreIn(string target, CachePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(policy);
        var names = policy.Key.QuerySecret ?? ProfileRules.For(policy.Profile).SecretParameters;
        // The rules only leave parameters out: what names none before names none after, and is not gone through twice.
        return names.Count > 0 && AnyNamed(target, names) && AnyNamed(QueryRules.Apply(target, policy.Key), names);
    }

    private static bool AnyNamed(string target, IReadOnlyList<string> names)
    {
        var query = TargetParts.Query(target);
        query = query.IsEmpty ? query : query[1..];
        while (!query.IsEmpty)
        {
            var end = query.IndexOfAny('&', ';');
            var parameter = end < 0 ? query : query[..end];
            query = end < 0 ? [] : query[(end + 1)..];
            var equals = parameter.IndexOf('=');
            if (IsNamed(equals < 0 ? parameter : parameter[..equals], names))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNamed(ReadOnlySpan<char> raw, IReadOnlyList<string> names)
    {
        var name = QueryText.Decode(raw);
        foreach (var secret in names)
        {
            if (secret.EndsWith('*')
                ? name.StartsWith(secret.AsSpan(0, secret.Length - 1), StringComparison.OrdinalIgnoreCase)
                : name.Equals(secret, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
