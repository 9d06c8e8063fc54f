using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Operations;

/// <summary>What this node's memory holds. Looks through all of it: for people, not for programs that poll.</summary>
internal sealed class EntryList(MemoryTier memory, TagEpochs epochs, IPolicySource policies, TimeProvider time)
{
    private const int TagExamples = 20;

    /// <summary>A page of the entries that pass the filter, in an order that stays the same while nothing changes.</summary>
    public EntryPage Read(EntryFilter filter, int page, int size)
    {
        var now = Instant.MonotonicNow(time);
        var found = Matching(filter).OrderBy(entry => entry.Resource.Target, StringComparer.Ordinal).ThenBy(entry => entry.Key.Prefix, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.End, StringComparer.Ordinal).ToArray();
        return new EntryPage(
            page, size, found.Length, found.Sum(entry => entry.Size),
            [.. found.Skip((int)Math.Min(int.MaxValue, (page - 1L) * size)).Take(size).Select(entry => Entry.Of(entry, epochs.Check(entry), now))]);
    }

    public TagAnswer ReadTag(string tag)
    {
        var page = Read(new EntryFilter(null, tag, null), 1, TagExamples);
        return new TagAnswer(tag, page.Total, page.Bytes, [.. policies.Current.Cascade([tag]).Where(raised => raised != tag).Order(StringComparer.Ordinal)], page.Entries);
    }

    private IEnumerable<StoredResponse> Matching(EntryFilter filter) => memory.Responses().Where(response =>
        (string.IsNullOrEmpty(filter.Policy) || response.Resource.Policy == filter.Policy)
        && (string.IsNullOrEmpty(filter.Tag) || Array.IndexOf(response.Tags, filter.Tag) >= 0)
        && (string.IsNullOrEmpty(filter.Prefix) || response.Resource.Target.StartsWith(filter.Prefix, StringComparison.Ordinal)));
}

/// <param name="Policy">Exact name; null or empty for all.</param>
/// <param name="Tag">A tag it carries; null or empty for all.</param>
/// <param name="Prefix">How its path begins; null or empty for all.</param>
internal sealed record EntryFilter(string? Policy, string? Tag, string? Prefix);

/// <param name="Page">From 1.</param>
/// <param name="Size">Most entries of a page.</param>
/// <param name="Total">Entries that pass the filter.</param>
/// <param name="Bytes">What they cost in memory.</param>
/// <param name="Entries">Of this page.</param>
internal sealed record EntryPage(int Page, int Size, int Total, long Bytes, IReadOnlyList<Entry> Entries);

/// <param name="Id">Tells keys apart; variants of one key share it.</param>
/// <param name="Url">Values of the query hidden.</param>
/// <param name="Policy">Who stored it.</param>
/// <param name="Status">Its status code.</param>
/// <param name="State">fresh, stale, soft (must be validated) or dead (invalidated).</param>
/// <param name="AgeSeconds">RFC 9111 4.2.3.</param>
/// <param name="TtlSeconds">Of freshness left; negative once stale.</param>
/// <param name="Bytes">What it costs in memory.</param>
/// <param name="Hits">Requests answered from it since it was stored.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Vary">Request fields that select it.</param>
/// <param name="Epoch">The epoch it was fetched at.</param>
internal sealed record Entry(
    string Id, string Url, string Policy, int Status, string State, double AgeSeconds, double TtlSeconds, long Bytes, long Hits, IReadOnlyList<string> Tags,
    IReadOnlyList<string> Vary, long Epoch)
{
    public static Entry Of(StoredResponse stored, Liveness liveness, long now)
    {
        var key = RedactedKey.Of(stored.Key.ToKey());
        var state = liveness switch { Liveness.Dead => "dead", Liveness.Soft => "soft", _ => stored.Freshness.IsFreshAt(now) ? "fresh" : "stale" };
        return new Entry(
            key.Id, key.Url, key.Policy, stored.Status, state, stored.Freshness.AgeAt(now) / 1000.0, stored.Freshness.RemainingAt(now) / 1000.0, stored.Size, stored.Hits,
            stored.Tags, [.. stored.Vary.Select(vary => vary.Name)], stored.Epoch);
    }
}

/// <param name="Tag">As asked for.</param>
/// <param name="Entries">Entries of this node that carry it.</param>
/// <param name="Bytes">What they cost in memory.</param>
/// <param name="Raises">Further tags that an invalidation of it raises.</param>
/// <param name="Examples">Some of the entries.</param>
internal sealed record TagAnswer(string Tag, int Entries, long Bytes, IReadOnlyList<string> Raises, IReadOnlyList<Entry> Examples);
