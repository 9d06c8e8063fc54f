using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// Where stored responses are kept and found; the only door to the tiers. Every response that leaves it was compared by its full key and by
/// its own selecting headers.
/// </summary>
internal sealed class ResponseStore(MemoryTier memory)
{
    /// <summary>The stored responses of a key, or null.</summary>
    public VariantSet? Find(string key) => memory.Find(key);

    /// <summary>
    /// Puts a response beside the other variants of its key. It takes the place of the one with the same selecting headers, unless that one
    /// was fetched at a later epoch; beyond the policy's cap the oldest variant gives way.
    /// </summary>
    public void Put(StoredResponse response, int maxVariants) =>
        memory.Update(response.Key, current => With(current, response, maxVariants));

    public bool Remove(string key) => memory.Remove(key);

    /// <summary>Takes out exactly this response; a newer one in its place stays.</summary>
    public void Remove(StoredResponse response) =>
        memory.Update(response.Key, current =>
        {
            if (current is null || Array.IndexOf(current.Responses, response) < 0)
            {
                return current;
            }

            return current.Responses.Length == 1 ? null : new VariantSet(current.Key, Array.FindAll(current.Responses, other => other != response));
        });

    private static VariantSet With(VariantSet? current, StoredResponse response, int maxVariants)
    {
        if (current is null)
        {
            return new VariantSet(response.Key, [response]);
        }

        var kept = new List<StoredResponse>(current.Responses.Length + 1) { response };
        foreach (var other in current.Responses)
        {
            if (!IsSameVariant(other, response))
            {
                kept.Add(other);
            }
            else if (other.Incarnation == response.Incarnation && other.Epoch > response.Epoch)
            {
                return current;
            }
        }

        if (kept.Count > maxVariants)
        {
            kept.RemoveRange(maxVariants, kept.Count - maxVariants);
        }

        return new VariantSet(current.Key, [.. kept]);
    }

    /// <summary>A partial response never takes the place of a complete one, nor of one that holds other bytes.</summary>
    private static bool IsSameVariant(StoredResponse left, StoredResponse right) =>
        left.Vary.AsSpan().SequenceEqual(right.Vary) && (left.Partial == right.Partial || (left.Partial is not null && right.Partial is null));
}
