using CacheGateway.Model;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// What one policy (or all together) served in some stretch of time: a snapshot, nobody counts in it any more. Bytes are body bytes sent to
/// clients.
/// </summary>
internal sealed class TrafficCounts
{
    /// <summary>Why requests pass that no cache could answer: they are in no ratio.</summary>
    public static readonly Reason[] BeyondACache = [Reason.MethodUnsafe, Reason.MethodNotCacheable, Reason.RequestUpgrade, Reason.EventStream];

    private static readonly Reason[] AllReasons = Enum.GetValues<Reason>();

    private readonly long[] _values;

    /// <summary>What each part spared the origin by its own means, where this is a sum: of policies, one is dear and passes, another cheap and hits.</summary>
    private readonly (long Requests, double Milliseconds, long? Queries)? _saved;

    public TrafficCounts(long[] values) => _values = values;

    private TrafficCounts(long[] values, (long Requests, double Milliseconds, long? Queries) saved)
        : this(values) => _saved = saved;

    /// <summary>Whose means stand in where these have none: those since the start, where a window saw hits alone.</summary>
    public TrafficCounts? Before { get; init; }

    public static TrafficCounts None => new(new long[TrafficLayout.Length]);

    public ReadOnlySpan<long> Values => _values;

    public long Requests => Sum(0, TrafficLayout.Bytes);

    /// <summary>Answered without waiting for the origin: from the client's copy, memory or the shared tier.</summary>
    public long Hits => Of(ServedFrom.Client) + Of(ServedFrom.Memory) + Of(ServedFrom.Redis);

    /// <summary>Needed a fetch of their own.</summary>
    public long Misses => Of(ServedFrom.Origin);

    public long Collapsed => Of(ServedFrom.Collapsed);

    public long Passed => Of(ServedFrom.Passed);

    public long Failed => Of(ServedFrom.Failed);

    /// <summary>Hits that were past their freshness lifetime, as the response or its policy allows.</summary>
    public long Stale => Of(Reason.StaleWhileRevalidate) + Of(Reason.StaleIfError) + Of(Reason.MaxStale);

    /// <summary>
    /// Part of the requests that spared the origin (hits and collapsed), 0 to 1; null when there were none. Unsafe methods and what is no
    /// request for a response (upgrades) do not count.
    /// </summary>
    public double? HitRatio => Cacheable is > 0 and var all ? (Hits + Collapsed) / (double)all : null;

    /// <summary>Requests that a cache could have had a say in.</summary>
    public long Cacheable => Requests - BeyondACache.Sum(reason => Of(ServedFrom.Passed, reason));

    public long OriginRequests => Fact(TrafficFact.OriginRequests);

    /// <summary>Requests that were answered without one at the origin, less the refreshes nobody waited for. What was refused here, and a failure that many shared, spared it nothing that anybody wanted.</summary>
    public long OriginRequestsSaved => _saved?.Requests ?? Math.Max(0, Requests - RefusedHere - SharedFailures - OriginRequests);

    /// <summary>Errors of the gateway's for which the origin was not asked.</summary>
    public long RefusedHere => Of(ServedFrom.Failed, Reason.OriginDown) + Of(ServedFrom.Failed, Reason.OriginBusy) + Of(ServedFrom.Failed, Reason.OnlyIfCached) + Of(ServedFrom.Failed, Reason.Loop);

    /// <summary>Requests to the origin that are none of those of clients that were answered with what came: refreshes, warm-ups, what was sent once more, and what was asked for clients that left before the answer.</summary>
    public long OriginRequestsBeside => Math.Max(0, OriginRequests - Misses - Passed - (Failed - RefusedHere - SharedFailures) - Of(Reason.StaleIfError));

    /// <summary>Clients beyond the first for whom one request failed: all who wait for it share that.</summary>
    private long SharedFailures => Math.Max(0, Of(ServedFrom.Failed, Reason.OriginUnreachable) + Of(ServedFrom.Failed, Reason.OriginTimeout) - Fact(TrafficFact.OriginFailures));

    public long Bytes => Sum(TrafficLayout.Bytes, TrafficLayout.Sources);

    /// <summary>Latency of answers from the cache.</summary>
    public LatencySummary CachedLatency => Latency(TrafficLayout.Cached);

    /// <summary>Latency of answers that waited for somebody else's fetch.</summary>
    public LatencySummary CollapsedLatency => Latency(TrafficLayout.Collapsed);

    /// <summary>Latency of answers that came from the origin.</summary>
    public LatencySummary UncachedLatency => Latency(TrafficLayout.Uncached);

    /// <summary>By how many percent answers from the cache are faster than the origin's; null while one of them is unknown.</summary>
    public double? ImprovementPercent => CachedLatency is { Count: > 0 } cached && UncachedLatency is { Count: > 0, Mean: > 0 } uncached
        ? (1 - (cached.Mean / uncached.Mean)) * 100
        : null;

    /// <summary>
    /// Time that clients would have waited for what the origin was spared, by the mean of what it answered, downloads included: more than it would have worked. Milliseconds, 0 while
    /// unknown.
    /// </summary>
    public double OriginMillisecondsSaved => _saved?.Milliseconds ?? OriginRequestsSaved * UncachedMean;

    /// <summary>Database queries the origin was spared, by the mean of what its answers said they cost; null where none said so.</summary>
    public long? QueriesSaved => _saved is { } saved ? saved.Queries
        : QueriesEach is { } each ? (long)Math.Round(OriginRequestsSaved * each)
        : null;

    /// <summary>Queries of an answer that says what it cost, in the mean; null where none did.</summary>
    private double? QueriesEach => Fact(TrafficFact.OriginAnswersWithQueries) is > 0 and var answers ? Fact(TrafficFact.OriginQueries) / (double)answers : Before?.QueriesEach;

    /// <summary>Milliseconds of an answer from the origin, in the mean; 0 while unknown.</summary>
    private double UncachedMean => Sum(TrafficLayout.Uncached + 1, LatencyScale.Buckets) is > 0 and var count ? _values[TrafficLayout.Uncached] / 1000.0 / count : Before?.UncachedMean ?? 0;

    public long Of(ServedFrom from) => Sum(TrafficLayout.Request(from, 0), TrafficLayout.Reasons);

    public long Of(ServedFrom from, Reason reason) => _values[TrafficLayout.Request(from, reason)];

    public long Of(Reason reason)
    {
        long sum = 0;
        for (var from = 0; from < TrafficLayout.Sources; from++)
        {
            sum += Of((ServedFrom)from, reason);
        }

        return sum;
    }

    public long BytesOf(ServedFrom from) => _values[TrafficLayout.BytesOf(from)];

    public long Fact(TrafficFact fact) => _values[TrafficLayout.Fact(fact)];

    /// <summary>Why requests from these sources were answered as they were, the most frequent first; none that did not occur.</summary>
    public IReadOnlyList<(Reason Reason, long Count)> Reasons(params ReadOnlySpan<ServedFrom> from)
    {
        var found = new Dictionary<Reason, long>();
        foreach (var source in from)
        {
            foreach (var reason in AllReasons)
            {
                if (Of(source, reason) is > 0 and var count)
                {
                    found[reason] = found.GetValueOrDefault(reason) + count;
                }
            }
        }

        return [.. found.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))];
    }

    /// <summary>Why requests were not answered from the cache: those that went to the origin, failed there, or were refused here.</summary>
    public IReadOnlyList<(Reason Reason, long Count)> MissReasons => Reasons(ServedFrom.Origin, ServedFrom.Passed, ServedFrom.Failed);

    /// <summary>The same of those that a cache could have had a say in, which is what <see cref="HitRatio"/> leaves over.</summary>
    public IReadOnlyList<(Reason Reason, long Count)> CacheableMissReasons =>
    [
        .. MissReasons.Select(miss => (miss.Reason, Count: BeyondACache.Contains(miss.Reason) ? miss.Count - Of(ServedFrom.Passed, miss.Reason) : miss.Count))
            .Where(miss => miss.Count > 0).OrderByDescending(miss => miss.Count),
    ];

    public TrafficCounts Minus(TrafficCounts earlier)
    {
        var values = new long[_values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _values[i] - earlier._values[i];
        }

        return new TrafficCounts(values);
    }

    public static TrafficCounts Sum(IEnumerable<TrafficCounts> parts)
    {
        var sum = new long[TrafficLayout.Length];
        var saved = (Requests: 0L, Milliseconds: 0.0, Queries: (long?)null);
        foreach (var part in parts)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += part._values[i];
            }

            saved = (
                saved.Requests + part.OriginRequestsSaved, saved.Milliseconds + part.OriginMillisecondsSaved,
                part.QueriesSaved is { } queries ? (saved.Queries ?? 0) + queries : saved.Queries);
        }

        return new TrafficCounts(sum, saved);
    }

    private LatencySummary Latency(int start) => LatencySummary.Of(_values.AsSpan(start, 1 + LatencyScale.Buckets));

    private long Sum(int start, int length)
    {
        long sum = 0;
        foreach (var value in _values.AsSpan(start, length))
        {
            sum += value;
        }

        return sum;
    }
}
