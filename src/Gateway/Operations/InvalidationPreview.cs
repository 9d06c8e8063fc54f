using System.Text.Json.Serialization;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Operations;

/// <summary>What an invalidation would hit in this node's memory, by the same fence that decides it in earnest.</summary>
internal sealed class InvalidationPreview(Invalidator invalidator, MemoryTier memory, TagEpochs epochs, NodeName node)
{
    private const int MostExamples = 10;

    public Preview Of(InvalidationScope scope)
    {
        var raised = new TagEpochs(TimeProvider.System);
        raised.Raise(invalidator.Cascade(scope));
        var entries = 0;
        var count = 0;
        var examples = new List<string>();
        foreach (var response in memory.Responses().Where(epochs.IsAlive))
        {
            entries++;
            if (raised.Check(default, response.Resource, response.Tags) == Liveness.Alive)
            {
                continue;
            }

            count++;
            if (examples.Count < MostExamples)
            {
                // A query may hold anything; the path names it well enough, without what is no name in it.
                examples.Add(response.Resource.Authority + RedactedKey.OfUrl(response.Resource.Path.ToString()));
            }
        }

        return new Preview(true, node.Value, count, entries, examples);
    }
}

/// <param name="DryRun">Always true: nothing was changed.</param>
/// <param name="Node">Whose memory was looked through.</param>
/// <param name="Count">Responses that would be hit.</param>
/// <param name="Entries">Responses that are alive.</param>
/// <param name="Examples">Some of those hit.</param>
internal sealed record Preview(bool DryRun, string Node, int Count, int Entries, IReadOnlyList<string> Examples)
{
    /// <summary>As in a receipt; null where there is nothing to say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}
