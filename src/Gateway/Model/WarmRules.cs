namespace CacheGateway.Model;

/// <summary>What is fetched before a client asks for it.</summary>
public sealed record WarmRules
{
    public static readonly WarmRules None = new();

    /// <summary>Paths with query that are warmed at start and when the policy is warmed by name.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>Request headers with the values that clients send; each URL is warmed once for every combination.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Variants { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Fetch anew what an invalidation cleared on this node, what was hit most first.</summary>
    public bool AfterInvalidation { get; init; }
}
