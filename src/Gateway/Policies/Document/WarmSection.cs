using System.ComponentModel;

namespace CacheGateway.Policies.Document;

/// <summary>What is fetched before a client asks for it.</summary>
internal sealed class WarmSection
{
    [Description("Paths with query of this policy that are warmed at start (--warming) and when the policy is warmed by name.")]
    public IReadOnlyList<string>? Urls { get; init; }

    [Description("Request headers with the values that clients send: each URL is warmed once for every combination, at most 64.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Variants { get; init; }

    [Description("Fetch anew what an invalidation cleared, what was hit most first. Default false.")]
    public bool? AfterInvalidation { get; init; }
}
