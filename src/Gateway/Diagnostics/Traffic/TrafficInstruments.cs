using System.Diagnostics.Metrics;
using CacheGateway.Model;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>The recorder's numbers as instruments, read when somebody asks: a request pays for its counting once, however many look.</summary>
internal static class TrafficInstruments
{
    public static void AddTo(GatewayMetrics metrics, TrafficRecorder traffic)
    {
        metrics.Counts("cachegateway.requests", null, "Requests answered, by policy, outcome, level and reason.", () => traffic.Policies.SelectMany(Requests));
        metrics.Counts("cachegateway.origin.requests", null, "Requests sent to the origin, by policy.", () => Facts(traffic, TrafficFact.OriginRequests));
        metrics.Counts("cachegateway.origin.errors", null, "Answers of the origin with a status of 500 or more, with a head that is none, or that broke off, by policy.", () => Facts(traffic, TrafficFact.OriginErrors));
        metrics.Counts("cachegateway.origin.failures", null, "Requests sent to the origin that got no answer, by policy.", () => Facts(traffic, TrafficFact.OriginFailures));
        metrics.Counts("cachegateway.origin.not_asked", null, "Requests that were not sent to the origin, because it gave no answers lately and is left alone (origin-down), by policy.", () => Facts(traffic, TrafficFact.OriginNotAsked));
        metrics.Counts("cachegateway.origin.queries", null, "Database queries that answers of the origin said they had cost (Server-Timing), by policy.", () => Facts(traffic, TrafficFact.OriginQueries));
        metrics.Counts("cachegateway.refresh.unchanged", null, "Refreshes that found the stored body unchanged, by policy.", () => Facts(traffic, TrafficFact.RefreshUnchanged));
        metrics.Counts("cachegateway.refresh.changed", null, "Refreshes that found another body, by policy: what was served since the one before may have been wrong.", () => Facts(traffic, TrafficFact.RefreshChanged));
        metrics.Gauges("cachegateway.request.duration.quantile", "s", "Request durations of the last minute, by policy, source (cached, uncached) and quantile: for exporters without the histogram.", () => traffic.Policies.SelectMany(Quantiles));
        metrics.Counts("cachegateway.sent.bytes", "By", "Body bytes sent to clients, by policy and level.", () => traffic.Policies.SelectMany(Bytes));
    }

    /// <summary>What became of a request, in the fewest words.</summary>
    public static string Outcome(ServedFrom from) => from switch
    {
        ServedFrom.Client or ServedFrom.Memory or ServedFrom.Redis => "hit",
        ServedFrom.Collapsed => "collapsed",
        ServedFrom.Origin => "miss",
        ServedFrom.Passed => "pass",
        _ => "error",
    };

    /// <summary>How deep a request went.</summary>
    public static string Level(ServedFrom from) => from switch
    {
        ServedFrom.Client => "client",
        ServedFrom.Memory => "memory",
        ServedFrom.Redis => "redis",
        ServedFrom.Failed => "gateway",
        _ => "origin",
    };

    private static IEnumerable<Measurement<long>> Requests(PolicyTraffic policy)
    {
        var counts = policy.Total;
        foreach (var from in Enum.GetValues<ServedFrom>())
        {
            foreach (var reason in Enum.GetValues<Reason>())
            {
                if (counts.Of(from, reason) is > 0 and var count)
                {
                    yield return new(count, new("policy", policy.Name), new("outcome", Outcome(from)), new("level", Level(from)), new("reason", reason.Text()));
                }
            }
        }
    }

    private static IEnumerable<Measurement<long>> Bytes(PolicyTraffic policy)
    {
        var counts = policy.Total;
        return Enum.GetValues<ServedFrom>().GroupBy(Level).Select(level => new Measurement<long>(
            level.Sum(counts.BytesOf), new("policy", policy.Name), new("level", level.Key)));
    }

    private static IEnumerable<Measurement<double>> Quantiles(PolicyTraffic policy)
    {
        var counts = policy.History.Window(TimeSpan.FromMinutes(1));
        foreach (var (source, latency) in new[] { ("cached", counts.CachedLatency), ("uncached", counts.UncachedLatency) })
        {
            if (latency.Count > 0)
            {
                yield return new(latency.P50 / 1000, new("policy", policy.Name), new("source", source), new("quantile", "0.5"));
                yield return new(latency.P99 / 1000, new("policy", policy.Name), new("source", source), new("quantile", "0.99"));
            }
        }
    }

    private static IEnumerable<Measurement<long>> Facts(TrafficRecorder traffic, TrafficFact fact) =>
        traffic.Policies.Select(policy => new Measurement<long>(policy.Total.Fact(fact), new KeyValuePair<string, object?>("policy", policy.Name)));
}
