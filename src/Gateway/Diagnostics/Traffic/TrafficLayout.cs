using CacheGateway.Model;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// Where each number of a policy's traffic stands in one flat array, so that counting is one addition and windows of time are sums of arrays:
/// <code>
/// requests by source and reason | bytes by source | cached: sum, buckets | collapsed: sum, buckets | uncached: sum, buckets | facts
/// </code>
/// </summary>
internal static class TrafficLayout
{
    public static readonly int Sources = Enum.GetValues<ServedFrom>().Length;

    public static readonly int Reasons = Enum.GetValues<Reason>().Length;

    public static readonly int Bytes = Sources * Reasons;
    public static readonly int Cached = Bytes + Sources;
    public static readonly int Collapsed = Cached + 1 + LatencyScale.Buckets;
    public static readonly int Uncached = Collapsed + 1 + LatencyScale.Buckets;
    public static readonly int Facts = Uncached + 1 + LatencyScale.Buckets;
    public static readonly int Length = Facts + Enum.GetValues<TrafficFact>().Length;

    public static int Request(ServedFrom from, Reason reason) => ((int)from * Reasons) + (int)reason;

    public static int BytesOf(ServedFrom from) => Bytes + (int)from;

    public static int Fact(TrafficFact fact) => Facts + (int)fact;

    /// <summary>Whose histogram a latency goes to; -1 = none: what is held open or refused on purpose says nothing about speed.</summary>
    public static int LatencyOf(ServedFrom from, Reason reason) => from switch
    {
        ServedFrom.Client or ServedFrom.Memory or ServedFrom.Redis => Cached,
        ServedFrom.Collapsed => Collapsed,
        ServedFrom.Origin => Uncached,
        ServedFrom.Passed => reason is Reason.EventStream or Reason.RequestUpgrade or Reason.MethodUnsafe or Reason.MethodNotCacheable or Reason.RequestHasContent ? -1 : Uncached,
        _ => -1,
    };
}

/// <summary>What is counted beside requests.</summary>
internal enum TrafficFact
{
    /// <summary>Requests sent to the origin, whoever caused them.</summary>
    OriginRequests,

    /// <summary>Queries that answers of the origin said they had cost.</summary>
    OriginQueries,

    /// <summary>Answers of the origin that said so.</summary>
    OriginAnswersWithQueries,

    /// <summary>Refreshes that found the stored body unchanged, by 304 or by its bytes.</summary>
    RefreshUnchanged,

    /// <summary>Refreshes that found another body.</summary>
    RefreshChanged,

    /// <summary>Answers of the origin with a 5xx, with a head that is none, or that broke off: each once.</summary>
    OriginErrors,

    /// <summary>Requests to the origin that got no answer: refused, timed out, broken off before its head.</summary>
    OriginFailures,

    /// <summary>Requests that were not sent to the origin, because it gave no answers lately and is left alone: of fetches, not of all who wait for one.</summary>
    OriginNotAsked,
}
