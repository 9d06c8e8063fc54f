namespace CacheGateway.Model;

/// <summary>What an invalidation names. Everything stored before it that carries one of these is dead (hard) or must be validated (soft).</summary>
public sealed record InvalidationScope
{
    public string[] Tags { get; init; } = [];

    /// <summary>Takes what carries every one of these tags; empty = no such condition. It cascades nothing: no tag is raised by itself.</summary>
    public string[] Every { get; init; } = [];

    /// <summary>Absolute ("http://host/path?query") or starting with "/" (any scheme and authority); all variants and identities of exactly that URI.</summary>
    public string[] Urls { get; init; } = [];

    /// <summary>In the same two forms; takes every path that starts with it.</summary>
    public string[] Prefixes { get; init; } = [];

    public string[] Policies { get; init; } = [];

    public bool All { get; init; }

    /// <summary>Not dead, but never used without successful validation, except on an origin error within stale-if-error.</summary>
    public bool Soft { get; init; }

    /// <summary>How much it names.</summary>
    public int NameCount => Tags.Length + Every.Length + Urls.Length + Prefixes.Length + Policies.Length;

    public bool IsEmpty => NameCount == 0 && !All;
}
