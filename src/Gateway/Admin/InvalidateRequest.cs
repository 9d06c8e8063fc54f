using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CacheGateway.Model;

namespace CacheGateway.Admin;

/// <summary>What shall be invalidated; the wire form of <c>POST /api/v2/cache/invalidate</c>.</summary>
internal sealed record InvalidateRequest
{
    public string[]? Tags { get; init; }

    /// <summary>any (otherwise): what carries one of the tags; all: what carries every one.</summary>
    public string? Match { get; init; }

    /// <summary>Absolute, or a path with query.</summary>
    public string[]? Urls { get; init; }

    /// <summary>Beginnings of such.</summary>
    public string[]? Prefixes { get; init; }

    /// <summary>By name.</summary>
    public string[]? Policies { get; init; }

    public bool All { get; init; }

    /// <summary>Validate at the next request instead of fetching anew.</summary>
    public bool Soft { get; init; }

    /// <summary>none, local or all (otherwise): whose word the answer waits for.</summary>
    public string? Wait { get; init; }

    /// <summary>1 to 60,000; 2,000 otherwise.</summary>
    [Range(1, 60_000)]
    public int? TimeoutMs { get; init; }

    /// <summary>For the audit.</summary>
    public string? Reason { get; init; }

    /// <summary>Changes nothing; says what would be hit on this node.</summary>
    public bool DryRun { get; init; }

    /// <summary>Said by whoever means to hit a large share.</summary>
    public bool Confirm { get; init; }

    [JsonIgnore]
    public InvalidationScope Scope => new()
    {
        Tags = IsTogether ? [] : Tags ?? [],
        Every = IsTogether ? Tags! : [],
        Urls = Urls ?? [],
        Prefixes = Prefixes ?? [],
        Policies = Policies ?? [],
        All = All,
        Soft = Soft,
    };

    /// <summary>One tag is itself, whichever way it is meant.</summary>
    private bool IsTogether => this is { Match: "all", Tags.Length: > 1 };
}
