namespace CacheGateway.Model;

/// <summary>
/// The rules of one route, compiled from policies.json and validated: plain immutable data. A request takes one and uses it to its end.
/// </summary>
public sealed record CachePolicy
{
    public required string Name { get; init; }

    /// <summary>What it is for, in its author's words; null where they left none.</summary>
    public string? Description { get; init; }

    /// <summary>Off = requests that match pass uncached, with a reason.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Part of the key: raising it abandons all older entries of the policy.</summary>
    public int Version { get; init; } = 1;

    public CacheProfile Profile { get; init; } = CacheProfile.Safe;

    public PolicyMatch Match { get; init; } = PolicyMatch.Everything;

    /// <summary>The policy's freshness lifetime; what it means is said by <see cref="Origin"/>. Null = the origin's only.</summary>
    public TimeSpan? Ttl { get; init; }

    public OriginFreshness Origin { get; init; } = OriginFreshness.Fallback;

    /// <summary>Whether a lifetime may be guessed. False = only explicit freshness counts (RFC 9111 4.2.2).</summary>
    public bool Heuristics { get; init; }

    /// <summary>Whether a body is stored whose end only the end of its connection told.</summary>
    public bool CloseDelimited { get; init; }

    /// <summary>Default grace when the origin names none (RFC 5861 3).</summary>
    public TimeSpan StaleWhileRevalidate { get; init; }

    /// <summary>Default grace on error when the origin names none (RFC 5861 4).</summary>
    public TimeSpan StaleIfError { get; init; }

    /// <summary>Part of the lifetime taken off at random, 0 to 0.5, so that what was stored together does not expire together.</summary>
    public double Jitter { get; init; }

    /// <summary>Statuses that this policy stores although the profile would not, each with its lifetime (negative caching).</summary>
    public IReadOnlyDictionary<int, TimeSpan> StatusTtl { get; init; } = new Dictionary<int, TimeSpan>();

    public KeyRules Key { get; init; } = KeyRules.Default;

    /// <summary>Tags put on each stored response.</summary>
    public IReadOnlyList<TagTemplate> Tags { get; init; } = [];

    /// <summary>Tags raised when an unsafe method on a matching path succeeds.</summary>
    public IReadOnlyList<TagTemplate> Invalidates { get; init; } = [];

    /// <summary>Also raise <see cref="Invalidates"/> before the unsafe request is forwarded.</summary>
    public bool InvalidateBefore { get; init; }

    /// <summary>The client of a write gets its answer when every live node has applied <see cref="Invalidates"/>, or after a time limit.</summary>
    public bool InvalidateOnAll { get; init; }

    /// <summary>Longest time without word from Redis that this policy's stored responses are served unvalidated; it can only lower the gateway's own.</summary>
    public TimeSpan? MaxBlind { get; init; }

    /// <summary>Cache-Control for clients; null = the origin's goes through unchanged.</summary>
    public ClientCacheControl? ClientCacheControl { get; init; }

    /// <summary>Make a strong ETag from the bytes where the origin sent none.</summary>
    public bool GenerateETag { get; init; }

    /// <summary>Largest body stored, in bytes.</summary>
    public long MaxBodyBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>On a range miss, fetch the whole, whatever its size, and answer from it: bytes of it that the range waits for, before it is sent as it comes, as 200. 0 = pass the range on.</summary>
    public long RangeFetchWhole { get; init; }

    /// <summary>Store and serve a compressed representation made here (br, gzip).</summary>
    public bool Compress { get; init; }

    /// <summary>Whether clients of this route may force revalidation by no-cache, max-age=0 or Pragma.</summary>
    public ClientReload ClientReload { get; init; } = ClientReload.Profile;

    /// <summary>Whether a response with Set-Cookie is stored without the field; otherwise the profile decides.</summary>
    public bool StripSetCookie { get; init; }

    /// <summary>How each request header named in Vary is treated; headers not named here are compared as RFC 9111 4.1 says, normalised.</summary>
    public IReadOnlyDictionary<string, VaryAction> Vary { get; init; } =
        new Dictionary<string, VaryAction>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What an origin says of every answer without meaning it: these directives of its Cache-Control are not read.</summary>
    public OriginDirectives IgnoredDirectives { get; init; }

    /// <summary>Most variants stored under one key.</summary>
    public int MaxVariants { get; init; } = 64;

    /// <summary>Send Cache-Tag, Surrogate-Key and Cache-Groups on to clients instead of removing them.</summary>
    public bool ForwardTags { get; init; }

    /// <summary>Only headers that are keyed, selected by Vary or needed to forward reach the origin.</summary>
    public bool ForwardOnly { get; init; }

    /// <summary>Request headers that never reach the origin on this route, beside the built-in list.</summary>
    public IReadOnlyList<string> DropRequestHeaders { get; init; } = [];

    /// <summary>Longest wait for another's headers on a key that never was stored.</summary>
    public TimeSpan CollapseWaitUnknown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for another's headers on a key that was stored before.</summary>
    public TimeSpan CollapseWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Last part of the lifetime, 0 to 0.5, in which a hit on a hot response refreshes it behind; 0 = never.</summary>
    public double RefreshAhead { get; init; } = 0.1;

    /// <summary>What is fetched before a client asks for it.</summary>
    public WarmRules Warm { get; init; } = WarmRules.None;

    /// <summary>Longest wait for the first byte of the origin's answer; null = the settings'.</summary>
    public TimeSpan? FirstByteTimeout { get; init; }

    /// <summary>Longest silence inside the origin's answer; null = the settings'.</summary>
    public TimeSpan? BetweenBytesTimeout { get; init; }

    /// <summary>True for the built-in policy of <c>run --origin</c> that takes every path.</summary>
    public bool Transparent { get; init; }
}

/// <summary>How the policy's ttl and the origin's own freshness are weighed. None of them overrides no-store, private, no-cache, Set-Cookie or Vary: those have switches of their own.</summary>
public enum OriginFreshness
{
    /// <summary>The origin's explicit freshness, else the policy's ttl.</summary>
    Fallback,

    /// <summary>The origin's freshness only; the ttl is a cap.</summary>
    Respect,

    /// <summary>The ttl instead of the origin's lifetime.</summary>
    Override,
}

/// <summary>What a client's no-cache, max-age=0 or Pragma does.</summary>
public enum ClientReload
{
    /// <summary>As the profile says: safe = <see cref="Collapse"/>, rfc9111 = <see cref="Honour"/>.</summary>
    Profile,
    Ignore,

    /// <summary>At most one origin call per key and second.</summary>
    Collapse,
    Honour,
}

/// <summary>What is done with a request header that a response varies on.</summary>
public enum VaryAction
{
    /// <summary>Compare after normalising what has a known grammar.</summary>
    Normalise,

    /// <summary>Compare the bytes as they came.</summary>
    Exact,

    /// <summary>A response that varies on it is not stored.</summary>
    Bypass,

    /// <summary>Not compared: whoever asks first decides what all get.</summary>
    Ignore,
}

/// <summary>Directives of a response's Cache-Control that a policy can take back, as a set.</summary>
[Flags]
public enum OriginDirectives
{
    None = 0,

    /// <summary>RFC 9111 5.2.2.5.</summary>
    NoStore = 1,

    /// <summary>RFC 9111 5.2.2.4, without field names.</summary>
    NoCache = 2,

    /// <summary>RFC 9111 5.2.2.7, without field names.</summary>
    Private = 4,
}
