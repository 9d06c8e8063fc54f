using System.ComponentModel;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>One policy.</summary>
internal sealed class PolicySection : CommonSection
{
    [Description("What the policy is for, in words; shown by explanations."), Sentence]
    public string? Description { get; init; }

    [Description("Which requests the policy takes; every condition must hold.")]
    public MatchSection? Match { get; init; }

    [Description("Off: requests that match pass uncached. Default true.")]
    public bool? Enabled { get; init; }

    [Description("Part of the key: raising it abandons all older entries of the policy. Default 1."), Between(0, int.MaxValue)]
    public int? Version { get; init; }

    [Description("Lifetimes by status, before ttl: of those that ttl does not cover, which are not stored otherwise unless the origin gives them one, or of those that are to differ."), Duration]
    public IReadOnlyDictionary<string, string>? Statuses { get; init; }

    [Description("What tells stored responses apart beside host and path.")]
    public KeySection? Key { get; init; }

    [Description("Tags of each stored response: \"products\", \"product:{id}\", \"$.items[*].id -> product:{}\".")]
    public IReadOnlyList<string>? Tags { get; init; }

    [Description("Tags raised when a POST, PUT, PATCH, DELETE or other unsafe request on a matching path succeeds.")]
    public IReadOnlyList<string>? Invalidates { get; init; }

    [Description("Raise them before the unsafe request is forwarded, too. Default false.")]
    public bool? InvalidateBefore { get; init; }

    [Description("What the client of such a request waits for: local, that this node has applied them (default); "
        + "all, that every live node has, for two seconds at most.")]
    [Choice("local", "all")]
    public string? InvalidateWait { get; init; }

    [Description("Longest time without word from Redis that stored responses are served unvalidated; can only lower the gateway's own."), Duration(Min = "1s")]
    public string? MaxBlind { get; init; }

    [Description("What clients are told.")]
    public ClientSection? Client { get; init; }

    [Description("On a range request that misses, fetch the whole, whatever its size, and answer from it. The range waits for so many bytes of it; a longer one is sent as it comes, as 200. 0B passes the range on. Default 0B."), Size]
    public string? RangeFetchWhole { get; init; }

    [Description("Store and serve a compressed form made here, of text of 1 KiB to 8 MiB with status 200. The origin is asked without Accept-Encoding: what is not coded here goes out uncompressed. Default false.")]
    public bool? Compress { get; init; }

    [Description("A response with Set-Cookie: profile (safe does not store it) or strip (stored without the field). Default profile.")]
    [Choice("profile", "strip")]
    public string? SetCookie { get; init; }

    [Description("How request headers named in Vary are compared, by header: normalise (default), exact, "
        + "bypass (a response that varies on it is not stored), or ignore (it is not compared: whoever asks first decides what all get).")]
    [Choice("normalise", "exact", "bypass", "ignore")]
    public IReadOnlyDictionary<string, string>? Vary { get; init; }

    [Description("Directives of the origin's Cache-Control that are not read, where it says them of every answer without meaning it: no-store, no-cache, private. "
        + "Clients get them all the same, unless client.cacheControl says otherwise.")]
    [Choice("no-store", "no-cache", "private")]
    public IReadOnlyList<string>? IgnoreDirectives { get; init; }

    [Description("Most variants stored under one key. Default 64."), Between(1, 1024)]
    public int? MaxVariants { get; init; }

    [Description("Send Cache-Tag, Surrogate-Key and Cache-Groups on to clients. Default false.")]
    public bool? ForwardTags { get; init; }

    [Description("Only request headers that are keyed, named by Vary or needed to forward reach the origin. Default false.")]
    public bool? ForwardOnly { get; init; }

    [Description("Request headers that never reach the origin on this route, beside the built-in list."), FieldName("header")]
    public IReadOnlyList<string>? DropRequestHeaders { get; init; }

    [Description("What is fetched before a client asks for it.")]
    public WarmSection? Warm { get; init; }
}
