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
    private readonly Counter<long> _originRetries;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _storedBytes;
    private readonly Counter<long> _notStored;
    private readonly Counter<long> _invalidations;
    private readonly Counter<long> _webhooks;
    private readonly Counter<long> _redisCalls;
    private readonly Counter<long> _sharedReads;
    private readonly Counter<long> _sharedWrites;
    private readonly Counter<long> _sharedCorrupt;
    private readonly Counter<long> _warmed;
    private readonly Counter<long> _refreshedAhead;
    private readonly Counter<long> _refused;

    public GatewayMetrics()
    {
        _originRetries = _meter.CreateCounter<long>("cachegateway.origin.retries", null, "Requests sent to the origin once more, because the connection failed before an answer began.");
        _stored = _meter.CreateCounter<long>("cachegateway.stored", null, "Responses stored, by policy.");
        _storedBytes = _meter.CreateCounter<long>("cachegateway.stored.bytes", "By", "Body bytes stored, by policy.");
        _notStored = _meter.CreateCounter<long>("cachegateway.not_stored", null, "Responses not stored, by policy and reason.");
        _invalidations = _meter.CreateCounter<long>("cachegateway.invalidations", null, "Invalidations raised on this node, by source.");
        _webhooks = _meter.CreateCounter<long>("cachegateway.webhooks", null, "Webhooks received, by outcome.");
        _redisCalls = _meter.CreateCounter<long>("cachegateway.redis.calls", null, "Calls to Redis, by what they were for and how they ended.");
        _sharedReads = _meter.CreateCounter<long>("cachegateway.l2.reads", null, "Reads of the shared tier, by what they gave.");
        _sharedWrites = _meter.CreateCounter<long>("cachegateway.l2.writes", null, "Writes to the shared tier, by what became of them.");
        _sharedCorrupt = _meter.CreateCounter<long>("cachegateway.l2.corrupt", null, "Values in the shared tier that were damaged, foreign or forged, and are taken out.");
        _warmed = _meter.CreateCounter<long>("cachegateway.warmed", null, "Targets of warm-ups dealt with, by who wanted them and what became of them.");
        _refreshedAhead = _meter.CreateCounter<long>("cachegateway.refresh_ahead", null, "Hot responses that were near their end when hit, by outcome: started, or over-budget.");
        _refused = _meter.CreateCounter<long>("cachegateway.refused", null, "Requests refused on their bytes, by what was wrong with them.");
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
        _stored.Add(1, new KeyValuePair<string, object?>("policy", policy));
        _storedBytes.Add(bytes, new KeyValuePair<string, object?>("policy", policy));
    }

    public void NotStored(string policy, Reason reason) => _notStored.Add(1, new("policy", policy), new("reason", reason.Text()));

    public void Invalidated(string source) => _invalidations.Add(1, new KeyValuePair<string, object?>("source", source));

    public void RedisCall(string call, string outcome) => _redisCalls.Add(1, new("call", call), new("outcome", outcome));

    public void SharedRead(string outcome) => _sharedReads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void SharedWrite(string outcome) => _sharedWrites.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void SharedCorrupt() => _sharedCorrupt.Add(1);

    public void Warmed(string cause, string outcome) => _warmed.Add(1, new("cause", cause), new("outcome", outcome));

    public void RefreshedAhead(string outcome) => _refreshedAhead.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Refused(string fault) => _refused.Add(1, new KeyValuePair<string, object?>("fault", fault));

    public void Dispose() => _meter.Dispose();
}
