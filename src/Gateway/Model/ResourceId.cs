namespace CacheGateway.Model;

/// <summary>
/// What an invalidation may name a stored response by, whatever its key: its URI, path and policy.
/// Several stored responses (variants, identities) share one.
/// </summary>
/// <param name="Scheme">"http" or "https" as the client used it.</param>
/// <param name="Authority">Normalised host and non-default port.</param>
/// <param name="Target">Path and query as forwarded.</param>
/// <param name="Policy">Name of the policy that stored it.</param>
/// <param name="HasRoute">Whether the policy's path template takes the path: then the path alone names it, whatever its query.</param>
public readonly record struct ResourceId(string Scheme, string Authority, string Target, string Policy, bool HasRoute)
{
    /// <summary>The target without its query.</summary>
    public ReadOnlySpan<char> Path => TargetParts.Path(Target);

    /// <summary>The policy's path template with its values bound ("/api/products/7"), which is the path; null without <see cref="HasRoute"/>.</summary>
    public string? Route => !HasRoute ? null : Path.Length == Target.Length ? Target : Path.ToString();
}
