using System.ComponentModel;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>What clients are told.</summary>
internal sealed class ClientSection
{
    [Description("Cache-Control for clients instead of the origin's. Default: the origin's."), CacheControl]
    public string? CacheControl { get; init; }

    [Description("origin: the origin's ETag or none; generate: a strong one from the bytes where the origin sent none. Default origin.")]
    [Choice("origin", "generate")]
    public string? Etag { get; init; }

    [Description("What a client's no-cache, max-age=0 or Pragma does: profile, ignore, collapse (one origin call per key and second) or honour. "
        + "Default profile.")]
    [Choice("profile", "ignore", "collapse", "honour")]
    public string? Reload { get; init; }
}
