namespace CacheGateway.Model;

/// <summary>Which parts of a request tell stored responses apart (beside scheme, authority and path, which always do).</summary>
public sealed record KeyRules
{
    public static readonly KeyRules Default = new();

    /// <summary>When not null, only these query parameters are keyed and forwarded ("*" at the end takes a prefix).</summary>
    public IReadOnlyList<string>? QueryInclude { get; init; }

    /// <summary>These query parameters are neither keyed nor forwarded ("*" at the end takes a prefix).</summary>
    public IReadOnlyList<string> QueryIgnore { get; init; } = [];

    /// <summary>Order parameters by name before keying and forwarding; values of one name keep their order.</summary>
    public bool QuerySort { get; init; }

    /// <summary>Parameters with which a request passes uncached; null = those of the profile.</summary>
    public IReadOnlyList<string>? QuerySecret { get; init; }

    /// <summary>Request headers whose values are keyed.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Cookies whose values are keyed.</summary>
    public IReadOnlyList<string> Cookies { get; init; } = [];

    public IdentityRule Identity { get; init; } = IdentityRule.Isolate;

    /// <summary>The claim that names a user where <see cref="Identity"/> is <see cref="IdentityRule.Claim"/>.</summary>
    public string? Claim { get; init; }

    /// <summary>Hash of this section, of what else says who may see what is stored, and of tags, so that a changed policy never meets entries of the former one.</summary>
    public string Hash { get; init; } = "0";
}

/// <summary>How responses to requests are kept apart that carry Authorization, Cookie or another field that says who asks.</summary>
public enum IdentityRule
{
    /// <summary>A hash of Authorization, of Cookie (or of the keyed cookies alone) and of the other fields that say who asks is keyed: each identity has entries of its own. The default of every policy.</summary>
    Isolate,

    /// <summary>One entry for all, on purpose and in words ("sharedOnPurpose").</summary>
    Share,

    /// <summary>A verified claim of the bearer token is keyed.</summary>
    Claim,

    /// <summary>Credentials are not keyed: the profile decides (safe: pass unless the response says public or s-maxage). The transparent cache.</summary>
    None,
}
