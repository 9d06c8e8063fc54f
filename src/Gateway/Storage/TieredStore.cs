using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Storage;

/// <summary>
/// Where stored responses are kept and found; the only door to the tiers: memory first, and behind it the tier that other nodes share, if there
/// is one. Every response that leaves it was compared by its full key and by its own selecting headers.
/// </summary>
internal sealed class TieredStore(MemoryTier memory, RedisTier? shared = null, RedisWrites? writes = null)
{
    /// <summary>What comes from the shared tier and is later than what this node has by no more milliseconds counts as of the same moment: so far off a write may be (<see cref="TierScripts"/>).</summary>
    private const long SameMomentMs = 1000;

    /// <summary>Whether there is a tier behind memory.</summary>
    public bool IsShared => shared is not null;

    /// <summary>The largest body that a tier takes, in bytes. Of what memory takes, a sixteenth is left to the fields.</summary>
    public long LargestBody => Math.Max(memory.Largest - (memory.Largest / 16), shared is null ? 0 : BodyCodec.MaxBody);

    /// <summary>The stored responses of a key in memory, or null.</summary>
    public VariantSet? Find(string key) => memory.Find(key);

    /// <summary>As <see cref="Find"/>, but leaves popularity alone.</summary>
    public VariantSet? Peek(string key) => memory.Peek(key);

    /// <summary>The stored responses that a plain request for the URL finds, in memory, and its policy; null where only the whole way can tell.</summary>
    public VariantSet? FindByUrl(string scheme, string authority, string target, object generation, out CachePolicy? policy) =>
        memory.FindByUrl(scheme, authority, target, generation, out policy);

    /// <summary>Lets plain requests find the responses of <paramref name="key"/> by their URL.</summary>
    public void Shorten(string key, Shortcut shortcut) => memory.Shorten(key, shortcut);

    /// <summary>
    /// As <see cref="Find"/>, after a look into the shared tier. What it has goes into memory, with the epoch it was stored under, and is
    /// among the result even where memory had no room. The caller judges whether it is alive: marks may have been raised while it was read.
    /// </summary>
    /// <param name="key">Of the request.</param>
    /// <param name="request">Its selecting fields.</param>
    /// <param name="policy">Of the request.</param>
    /// <param name="prepare">Adds what is kept in memory alone (codings made here).</param>
    public async Task<VariantSet?> FindSharedAsync<T>(
        CacheKey key, T request, CachePolicy policy, Func<StoredResponse, CachePolicy, StoredResponse> prepare)
        where T : IHeaderSource
    {
        var found = shared is null ? [] : await shared.FindAsync(key, request, policy);
        var set = memory.Find(key.Text);
        foreach (var response in found)
        {
            if (!IsSuperseded(set, response))
            {
                var prepared = prepare(response, policy);
                Promote(key.Text, prepared, policy.MaxVariants);
                set = WithPromoted(memory.Find(key.Text), prepared, policy.MaxVariants);
            }
        }

        return set;
    }

    /// <summary>As <see cref="FindSharedAsync"/>, but memory stays as it is, popularity too. What is damaged in the shared tier is taken out as by any other read.</summary>
    public async Task<VariantSet?> PeekSharedAsync<T>(CacheKey key, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        var found = shared is null ? [] : await shared.FindAsync(key, request, policy);
        return found.Aggregate(memory.Peek(key.Text), (set, response) => WithPromoted(set, response, policy.MaxVariants));
    }

    /// <summary>
    /// Puts a response beside the other variants of its key. It takes the place of the one with the same selecting headers, unless that one
    /// is newer; beyond the policy's cap the oldest variant gives way.
    /// </summary>
    /// <param name="key">The text of the response's key.</param>
    /// <param name="response">Finished.</param>
    /// <param name="maxVariants">The policy's cap.</param>
    public void Put(string key, StoredResponse response, int maxVariants)
    {
        var (isNewest, takesAPlace) = (true, false);
        var held = Fitting(response);
        memory.Update(key, current =>
        {
            isNewest = current is null || !IsNewerThan(current, held);
            takesAPlace = writes is not null && current is not null && Has(current, held);
            return isNewest ? With(current, held, maxVariants, memory.Largest) : current;
        });
        if (isNewest && writes?.Add(response, maxVariants) == false && takesAPlace && response.Partial is null)
        {
            // What it took the place of may lie in Redis, and would come back from there.
            _ = shared?.RemoveAsync(response);
        }
    }

    private static bool Has(VariantSet set, StoredResponse variant)
    {
        foreach (var other in set.Responses)
        {
            if (IsSameVariant(other, variant))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Without its codings where these alone make it too large to be held.</summary>
    private StoredResponse Fitting(StoredResponse response) => response.Coded.Length > 0 && response.Size > memory.Largest ? response.Uncoded() : response;

    /// <summary>Takes out exactly this response; a newer one in its place stays.</summary>
    public void Remove(StoredResponse response) => Replace(response, null);

    /// <summary>
    /// Makes exactly this response stale in memory; a newer one in its place stays. From the shared tier it is taken out, not written there once more: the two are of one moment, and which of them
    /// stayed would be left to the clocks.
    /// </summary>
    /// <param name="response">As it was found.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Outdate(StoredResponse response, long now) => Replace(response, response.Outdated(now));

    private void Replace(StoredResponse response, StoredResponse? by)
    {
        memory.Update(response.Key.ToString(), current =>
        {
            if (current is null || !current.Responses.Contains(response))
            {
                return current;
            }

            StoredResponse[] others = current.Responses.ToArray();
            others = by is null ? Array.FindAll(others, other => other != response) : Array.ConvertAll(others, other => other == response ? by : other);
            return others.Length == 0 ? null : VariantSet.Of(others);
        });
        _ = shared?.RemoveAsync(response);
    }

    /// <summary>Apart from who asks, so that only what is promoted pays for the closure.</summary>
    private void Promote(string key, StoredResponse response, int maxVariants) => memory.Update(key, current => WithPromoted(current, Fitting(response), maxVariants, memory.Largest));

    private static VariantSet WithPromoted(VariantSet? current, StoredResponse response, int maxVariants, long most = long.MaxValue) =>
        IsSuperseded(current, response) ? current! : With(current, response, maxVariants, most);

    /// <summary>
    /// What comes from the shared tier never takes the place of what this node has from the same time or later: the very response, read once more, would bring back what it was before a HEAD made it
    /// stale here.
    /// </summary>
    private static bool IsSuperseded(VariantSet? current, StoredResponse response) =>
        current is not null && Holds(current, response, orSame: true);

    /// <summary>
    /// A fetch that took long may end after a newer one was stored, by this node or from the shared tier: who has seen the newer one does not go
    /// back. What this node fetched last wins where the two are of one moment.
    /// </summary>
    private static bool IsNewerThan(VariantSet current, StoredResponse response) =>
        Holds(current, response, orSame: false);

    /// <summary>Whether the set has this variant, fetched later (or at the same moment).</summary>
    private static bool Holds(VariantSet current, StoredResponse response, bool orSame)
    {
        foreach (var other in current.Responses)
        {
            if (IsSameVariant(other, response) && IsInOrder(response, other, orSame))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the second was fetched after the first: by epoch, then by when its head came, by this node's monotonic clock. What came from the shared
    /// tier was brought onto that clock, and never lies after the moment at which it was read: whatever the clocks of other machines say, what is
    /// fetched here after that is newer. Across incarnations there is no order, and the other is dead.
    /// </summary>
    private static bool IsInOrder(StoredResponse first, StoredResponse second, bool orSame)
    {
        if (first.Incarnation != second.Incarnation || first.Epoch != second.Epoch)
        {
            return first.Incarnation == second.Incarnation && first.Epoch < second.Epoch;
        }

        return orSame ? first.Freshness.ReceivedAt <= second.Freshness.ReceivedAt + SameMomentMs : first.Freshness.ReceivedAt < second.Freshness.ReceivedAt;
    }

    /// <summary>
    /// The response before the others. Where they are too many, or more than so many bytes, the oldest give way: one variant must not take all others with
    /// it, nor one that is too large alone, which is left out beside them.
    /// </summary>
    private static VariantSet With(VariantSet? current, StoredResponse response, int maxVariants, long most)
    {
        if (current is null)
        {
            return response;
        }

        var kept = new List<StoredResponse>(current.Responses.Length + 1);
        if (response.Size <= most)
        {
            kept.Add(response);
        }

        foreach (var other in current.Responses)
        {
            if (!IsSameVariant(other, response))
            {
                kept.Add(other);
            }
        }

        if (kept.Count == 0)
        {
            return response;
        }

        if (kept.Count > maxVariants)
        {
            kept.RemoveRange(maxVariants, kept.Count - maxVariants);
        }

        var set = VariantSet.Of([.. kept]);
        if (set.Size <= most)
        {
            return set;
        }

        for (var size = set.Size; size > most && kept.Count > 1; kept.RemoveAt(kept.Count - 1))
        {
            size -= kept[^1].Size + VariantSet.Place;
        }

        return VariantSet.Of([.. kept]);
    }

    /// <summary>A partial response never takes the place of a complete one, nor of one that holds other bytes.</summary>
    private static bool IsSameVariant(StoredResponse left, StoredResponse right) =>
        left.Vary.AsSpan().SequenceEqual(right.Vary) && (left.Partial == right.Partial || (left.Partial is not null && right.Partial is null));
}
