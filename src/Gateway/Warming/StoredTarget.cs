using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;

namespace CacheGateway.Warming;

/// <summary>The request that a stored response answers, so that it can be asked again.</summary>
internal static class StoredTarget
{
    private const string Accept = "Accept";

    /// <summary>Null where it was, or may have been, made for one user: nobody should ask in that user's name, nor write down with what.</summary>
    /// <param name="stored">What is asked for again.</param>
    /// <param name="policies">All there are; its own says which fields have values that are nobody's.</param>
    public static WarmTarget? Of(StoredResponse stored, IReadOnlyList<CachePolicy> policies)
    {
        if (KeyParts.Of(stored.Key.ToString()) is not { Identity: "" } key || stored.Partial is not null)
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in key.Headers.Select(header => (header.Key, header.Value)).Concat(stored.Vary.Select(vary => (vary.Name, vary.Value))))
        {
            if (value is not null)
            {
                if (!IsNobodys(name, policies.Where(policy => policy.Name == stored.Resource.Policy)))
                {
                    return null;
                }

                headers[name] = value;
            }
            else if (name.Equals(Accept, StringComparison.OrdinalIgnoreCase))
            {
                // What is warmed accepts everything where nothing is said of it.
                headers[name] = "";
            }
        }

        return new WarmTarget(key.Scheme, key.Authority, key.Target, headers);
    }

    /// <summary>
    /// Whether the values of a field are no user's: it says what clients are and what they can read, or one of <paramref name="policies"/> lists its values in <c>warm.variants</c>. Every API has a
    /// name of its own for what says who asks, so it is not these that could be listed.
    /// </summary>
    public static bool IsNobodys(string name, IEnumerable<CachePolicy> policies) =>
        RedactedField.IsHarmless(name) || (!CredentialFields.Are(name) && policies.Any(policy => policy.Warm.Variants.ContainsKey(name)));
}
