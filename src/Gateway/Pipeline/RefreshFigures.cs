using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>What refreshes found beside what was served until then, counted. Nothing is decided by it.</summary>
internal sealed class RefreshFigures(TagEpochs epochs, TrafficRecorder traffic, GatewayMetrics metrics)
{
    /// <summary>
    /// Whether a refresh found another body than the one that was served until now; and if so, for how long an answer may have been wrong at
    /// most, and was at least. What an invalidation had put out of use was not served any more, and says nothing.
    /// </summary>
    /// <param name="set">What is stored under the key until now; null = nothing.</param>
    /// <param name="fresh">What takes its place.</param>
    public void Count(VariantSet? set, StoredResponse fresh)
    {
        var before = Before(set, fresh);
        if (before is null || before.Partial is not null || fresh.Partial is not null || !epochs.IsAlive(before))
        {
            return;
        }

        var counts = traffic.Of(fresh.Resource.Policy);
        if (Staleness.IsSameBody(before.Body, fresh.Body))
        {
            counts.Count(TrafficFact.RefreshUnchanged);
            return;
        }

        counts.Count(TrafficFact.RefreshChanged);
        var (least, most) = Staleness.Bounds(before, fresh);
        metrics.Stale(fresh.Resource.Policy, least, most);
    }

    private static StoredResponse? Before(VariantSet? set, StoredResponse fresh)
    {
        foreach (var other in set is null ? default : set.Responses)
        {
            if (other.Vary.AsSpan().SequenceEqual(fresh.Vary))
            {
                return other;
            }
        }

        return null;
    }
}
