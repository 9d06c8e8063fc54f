using CacheGateway.Storage;

namespace CacheGateway.Dashboard.Reading;

/// <summary>How many live responses of this node carry each tag. Looks through the memory, as a preview does.</summary>
internal sealed class TagCounts(MemoryTier memory, TagEpochs epochs)
{
    /// <summary>The tags on most responses first, and how many tags there are.</summary>
    public (IReadOnlyList<KeyValuePair<string, int>> Most, int All) Read(int limit)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var response in memory.Responses().Where(epochs.IsAlive))
        {
            foreach (var tag in response.Tags)
            {
                counts[tag] = counts.GetValueOrDefault(tag) + 1;
            }
        }

        return ([.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(limit)], counts.Count);
    }
}
