using System.ComponentModel.DataAnnotations;

namespace CacheGateway.Warming;

/// <summary>What somebody wants warmed; the wire form of <c>POST /api/v2/cache/warm-cache</c>.</summary>
internal sealed record WarmOrder
{
    public const int MostConcurrency = 64;
    public const double MostPerSecond = 10_000;

    /// <summary>Paths with query, or URLs of hosts that are served here.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>Policies by name: the URLs that they list, and all that memory holds of them, variants included.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The keys that are asked for most, and those recorded before the last start.</summary>
    public bool Popular { get; init; }

    /// <summary>Fields sent with each URL, instead of the variants that its policy names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = WarmTarget.NoHeaders;

    /// <summary>Fetches side by side.</summary>
    [Range(1, MostConcurrency)]
    public int Concurrency { get; init; } = 4;

    /// <summary>Most targets a second; 0 = as many as <see cref="Concurrency"/> gives.</summary>
    [Range(0, MostPerSecond)]
    public double RatePerSecond { get; init; }
}
