using System.Text.Json.Serialization;
using CacheGateway.Model;

namespace CacheGateway.Operations.Explaining;

/// <summary>Why a request is answered as it is.</summary>
/// <param name="Method">Of the request.</param>
/// <param name="Url">Values of the query hidden.</param>
/// <param name="Outcome">hit, stale, fetch, validate, pass or fail: what would happen now.</param>
/// <param name="Reason">Of the closed list: why it is not answered from the cache, or why it is; or, where the gateway answers itself before it looks, that of a <see cref="Refusal"/>.</param>
/// <param name="Meaning">That in words.</param>
/// <param name="Source">The section of the RFC, or where it is documented.</param>
/// <param name="Steps">The decisions in their order.</param>
/// <param name="Policy">Who takes the request; null = nobody.</param>
/// <param name="Key">Its key; null where it has none.</param>
/// <param name="Stored">What is stored under the key.</param>
/// <param name="Response">The origin's answer that was judged; null where none is known.</param>
/// <param name="Change">The smallest change of the policies that would make it cacheable, or would make more of it; null where none is needed or none would do.</param>
/// <param name="MustNot">Why no change of the policies makes it cacheable; null where one does, or none is needed.</param>
/// <param name="Spread">What makes many keys of one URL, if something does.</param>
internal sealed record ExplainAnswer(
    string Method, string Url, string Outcome, string Reason, string Meaning, string Source, IReadOnlyList<ExplainStep> Steps, ExplainPolicy? Policy, ExplainKey? Key,
    IReadOnlyList<ExplainStored> Stored, ExplainJudged? Response, PolicyChange? Change, string? MustNot, IReadOnlyList<KeySpread> Spread);

/// <param name="Name">What was asked.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Detail">With what.</param>
internal sealed record ExplainStep(string Name, string Result, string Detail);

/// <param name="Name">Of the policy.</param>
/// <param name="Path">Its template.</param>
/// <param name="File">Where it stands; null = built in.</param>
/// <param name="Line">On which line.</param>
internal sealed record ExplainPolicy(string Name, string Path, string? File, int? Line);

/// <param name="Id">Tells keys apart, as in the lists of entries.</param>
/// <param name="Parts">By name; credentials are hashed, values of the query hidden.</param>
internal sealed record ExplainKey(string Id, IReadOnlyDictionary<string, string> Parts);

/// <param name="IsSelected">Whether the request selects it among the variants.</param>
/// <param name="Entry">As in the list of entries.</param>
/// <param name="VaryValues">The request fields it was stored for; values that may be secrets are hashed.</param>
/// <param name="Freshness">The sum behind its age and lifetime.</param>
internal sealed record ExplainStored(bool IsSelected, Entry Entry, IReadOnlyDictionary<string, string> VaryValues, FreshnessSum Freshness);

/// <summary>RFC 9111 4.2: age = initial age + time here; fresh while the lifetime is greater.</summary>
/// <param name="LifetimeSeconds">Freshness lifetime.</param>
/// <param name="From">Where it comes from.</param>
/// <param name="InitialAgeSeconds">Its age when it came.</param>
/// <param name="ResidentSeconds">Since then.</param>
/// <param name="AgeSeconds">Both together.</param>
/// <param name="RemainingSeconds">Lifetime less age.</param>
/// <param name="StaleWhileRevalidateSeconds">May be used after that while it is refreshed.</param>
/// <param name="StaleIfErrorSeconds">May be used after that when the origin fails.</param>
internal sealed record FreshnessSum(
    double LifetimeSeconds, string From, double InitialAgeSeconds, double ResidentSeconds, double AgeSeconds, double RemainingSeconds, double StaleWhileRevalidateSeconds,
    double StaleIfErrorSeconds);

/// <param name="From">given, or last-refused with how long ago: the last answer that was not stored, to this key, or to another where what those were answered makes this one pass.</param>
/// <param name="Status">Its status.</param>
/// <param name="Stores">Whether it may be stored.</param>
/// <param name="Why">Why not; null where it may.</param>
/// <param name="LifetimeSeconds">It would be fresh for.</param>
/// <param name="Headers">Fields that were read.</param>
internal sealed record ExplainJudged(
    string From, int Status, bool Stores, [property: JsonIgnore] Reason? Why, double LifetimeSeconds, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>By its name.</summary>
    public string? Reason => Why?.Text();
}

/// <param name="Policy">The policy to change, or to add.</param>
/// <param name="Members">The members to set, as JSON paths within the policy, each with its value.</param>
/// <param name="Json">What to write into the policy.</param>
/// <param name="Line">Where in the file; null where it is new.</param>
/// <param name="Why">What it does.</param>
/// <param name="Caution">When it would be wrong.</param>
internal sealed record PolicyChange(string Policy, IReadOnlyDictionary<string, string> Members, string Json, int? Line, string Why, string Caution);

/// <param name="Part">A part of the key: "query page", "header User-Agent", "identity".</param>
/// <param name="Values">Different values among the entries of this path on this node.</param>
/// <param name="Entries">Those entries.</param>
/// <param name="Hits">Requests they answered, all together.</param>
internal sealed record KeySpread(string Part, int Values, int Entries, long Hits);
