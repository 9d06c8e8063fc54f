using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace CacheGateway.Diagnostics;

/// <summary>
/// YARP counts with an event source and no meter: its counters, once a second, as gauges of the gateway's meter, for whoever reads that. Of the whole process, from the first
/// reading on.
/// </summary>
internal sealed class YarpCounters : EventListener
{
    private const string Source = "Yarp.ReverseProxy";

    private static readonly (string Counter, string Name, string Help)[] Known =
    [
        ("requests-started", "yarp.requests_started", "Requests that YARP began to forward."),
        ("requests-failed", "yarp.requests_failed", "Requests that YARP failed to forward."),
        ("current-requests", "yarp.current_requests", "Requests that YARP forwards now."),
    ];

    private readonly ConcurrentDictionary<string, long> _values = new(StringComparer.Ordinal);
    private EventSource? _found;
    private int _isAsked;

    public void AddTo(GatewayMetrics metrics)
    {
        foreach (var (counter, name, help) in Known)
        {
            metrics.Gauge(name, help, () => Read(counter));
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        // The base's constructor calls it for every source that exists already.
        if (eventSource.Name == Source)
        {
            Volatile.Write(ref _found, eventSource);
            if (Volatile.Read(ref _isAsked) == 1)
            {
                Enable(eventSource);
            }
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "EventCounters" && eventData.Payload is [IDictionary<string, object?> counter, ..]
            && counter.TryGetValue("Name", out var name) && name is string text
            && counter.TryGetValue("Mean", out var mean) && mean is double value)
        {
            _values[text] = (long)value;
        }
    }

    private long Read(string counter)
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 0 && Volatile.Read(ref _found) is { } source)
        {
            Enable(source);
        }

        return _values.GetValueOrDefault(counter);
    }

    /// <summary>Counters alone: the events themselves stay off.</summary>
    private void Enable(EventSource source) =>
        EnableEvents(source, EventLevel.Critical, EventKeywords.None, new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "1" });
}
