using System.Diagnostics.Metrics;
using CacheGateway.Model;

namespace CacheGateway.Diagnostics;

/// <summary>
/// The gateway's instruments, each with the sentence that also documents it. Labels are small closed sets (policy names, outcomes, reasons):
/// never a URL, key or tag.
/// </summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "CacheGateway";

    private readonly Meter _meter = new(MeterName);
    private readonly LabelledCounts _stored = new("policy");
    private readonly LabelledCounts _storedBytes = new("policy");
    private readonly LabelledCounts _notStored = new("policy", "reason");
    private readonly LabelledCounts _redisCalls = new("call", "outcome");
    private readonly LabelledCounts _sharedReads = new("outcome");
    private readonly LabelledCounts _sharedWrites = new("outcome");
    private readonly Counter<long> _originRetries;
    private readonly Counter<long> _invalidations;
    private readonly Counter<long> _webhooks;
    private readonly Histogram<double> _staleLeast;
    private readonly Histogram<double> _staleMost;
    private long _invalidationCount;
    private readonly Counter<long> _sharedCorrupt;
    private readonly Counter<long> _warmed;
    private readonly Counter<long> _refreshedAhead;
    private readonly Counter<long> _refused;

    public GatewayMetrics()
    {
        _originRetries = _meter.CreateCounter<long>("cachegateway.origin.retries", null, "Requests sent to the origin once more, because the connection failed before an answer began.");
        Counts("cachegateway.stored", null, "Responses stored, by policy.", _stored.Read);
        Counts("cachegateway.stored.bytes", "By", "Body bytes stored, by policy.", _storedBytes.Read);
        Counts("cachegateway.not_stored", null, "Responses not stored, by policy and reason.", _notStored.Read);
        _invalidations = _meter.CreateCounter<long>("cachegateway.invalidations", null, "Invalidations raised on this node, by source.");
        var seconds = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400] };
        _staleLeast = _meter.CreateHistogram("cachegateway.staleness.least", "s", "How long, at least, answers served from a response that had changed at the origin were out of date, by its Last-Modified; by policy.", advice: seconds);
        _staleMost = _meter.CreateHistogram("cachegateway.staleness.most", "s", "How long, at most, answers served from a response that had changed at the origin may have been out of date; by policy.", advice: seconds);
        _webhooks = _meter.CreateCounter<long>("cachegateway.webhooks", null, "Webhooks received, by outcome.");
        Counts("cachegateway.redis.calls", null, "Calls to Redis, by what they were for and how they ended.", _redisCalls.Read);
        Counts("cachegateway.l2.reads", null, "Reads of the shared tier, by what they gave.", _sharedReads.Read);
        Counts("cachegateway.l2.writes", null, "Writes to the shared tier, by what became of them.", _sharedWrites.Read);
        _sharedCorrupt = _meter.CreateCounter<long>("cachegateway.l2.corrupt", null, "Values in the shared tier that were damaged, foreign or forged, and are taken out.");
        _warmed = _meter.CreateCounter<long>("cachegateway.warmed", null, "Targets of warm-ups dealt with, by who wanted them and what became of them.");
        _refreshedAhead = _meter.CreateCounter<long>("cachegateway.refresh_ahead", null, "Hot responses that were near their end when hit, by outcome: started, or over-budget.");
        _refused = _meter.CreateCounter<long>("cachegateway.refused", null, "Requests refused on their bytes, by what was wrong with them.");
    }

    /// <summary>A refresh found another body than the one served before.</summary>
    /// <param name="policy">Its policy.</param>
    /// <param name="least">How long answers were wrong at least; null = unknown.</param>
    /// <param name="most">How long they may have been.</param>
    public void Stale(string policy, TimeSpan? least, TimeSpan most)
    {
        if (least is { } known)
        {
            _staleLeast.Record(known.TotalSeconds, new KeyValuePair<string, object?>("policy", policy));
        }

        _staleMost.Record(most.TotalSeconds, new KeyValuePair<string, object?>("policy", policy));
    }

    public void Webhook(string outcome) => _webhooks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Whether an instrument is one of this gateway's, and not of another one in the same process.</summary>
    public bool Owns(Instrument instrument) => instrument.Meter == _meter;

    /// <summary>A value read when it is asked for.</summary>
    public void Gauge(string name, string description, Func<long> read) => _meter.CreateObservableGauge(name, read, null, description);

    /// <summary>Values with labels, read when they are asked for.</summary>
    public void Gauges(string name, string? unit, string description, Func<IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    /// <summary>Counts kept elsewhere, read when they are asked for.</summary>
    public void Counts(string name, string? unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, read, unit, description);

    /// <summary>A counter without labels; the result adds one.</summary>
    public Action Count(string name, string description)
    {
        var counter = _meter.CreateCounter<long>(name, null, description);
        return () => counter.Add(1);
    }

    public void OriginRetry() => _originRetries.Add(1);

    public void Stored(string policy, long bytes)
    {
        _stored.Add(policy);
        _storedBytes.Add(policy, count: bytes);
    }

    public void NotStored(string policy, Reason reason) => _notStored.Add(policy, reason.Text());

    /// <summary>Invalidations raised on this node since the start.</summary>
    public long Invalidations => Volatile.Read(ref _invalidationCount);

    public void Invalidated(string source)
    {
        Interlocked.Increment(ref _invalidationCount);
        _invalidations.Add(1, new KeyValuePair<string, object?>("source", source));
    }

    public void RedisCall(string call, string outcome) => _redisCalls.Add(call, outcome);

    public void SharedRead(string outcome) => _sharedReads.Add(outcome);

    public void SharedWrite(string outcome) => _sharedWrites.Add(outcome);

    public void SharedCorrupt() => _sharedCorrupt.Add(1);

    public void Warmed(string cause, string outcome) => _warmed.Add(1, new("cause", cause), new("outcome", outcome));

    public void RefreshedAhead(string outcome) => _refreshedAhead.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Refused(string fault) => _refused.Add(1, new KeyValuePair<string, object?>("fault", fault));

    public void Dispose() => _meter.Dispose();
}
