namespace CacheGateway.Model;

/// <summary>
/// What an invalidation may name a stored response by, whatever its key: its URI, path, policy and route with bound values.
/// Several stored responses (variants, identities) share one.
/// </summary>
/// <param name="Scheme">"http" or "https" as the client used it.</param>
/// <param name="Authority">Normalised host and non-default port.</param>
/// <param name="Target">Path and query as forwarded.</param>
/// <param name="Policy">Name of the policy that stored it.</param>
/// <param name="Route">The policy's path template with its values bound ("/api/products/7"), or null.</param>
public sealed record ResourceId(string Scheme, string Authority, string Target, string Policy, string? Route)
{
    /// <summary>The target without its query.</summary>
    public ReadOnlySpan<char> Path
    {
        get
        {
            var query = Target.IndexOf('?', StringComparison.Ordinal);
            return query < 0 ? Target : Target.AsSpan(0, query);
        }
    }
}
