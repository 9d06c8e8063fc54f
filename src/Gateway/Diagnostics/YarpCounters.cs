using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Text;

namespace CacheGateway.Diagnostics;

/// <summary>YARP counts with an event source and no meter: its counters, once a second, as gauges. Of the whole process.</summary>
internal sealed class YarpCounters : EventListener
{
    private const string Source = "Yarp.ReverseProxy";

    private static readonly Dictionary<string, (string Name, string Help)> Known = new(StringComparer.Ordinal)
    {
        ["requests-started"] = ("yarp_requests_started", "Requests that YARP began to forward."),
        ["requests-failed"] = ("yarp_requests_failed", "Requests that YARP failed to forward."),
        ["current-requests"] = ("yarp_current_requests", "Requests that YARP forwards now."),
    };

    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);
    private EventSource? _found;
    private bool _isStarted;

    public static IEnumerable<string> Names => Known.Values.Select(one => one.Name);

    public void Start()
    {
        _isStarted = true;
        if (_found is { } source)
        {
            Enable(source);
        }
    }

    public void Render(StringBuilder text)
    {
        foreach (var (name, help) in Known.Values)
        {
            MetricSeries.Head(text, name, "gauge", help);
            text.Append(name).Append(' ').Append(_values.GetValueOrDefault(name).ToString("R", System.Globalization.CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        // The base's constructor calls it for every source that exists already.
        if (eventSource.Name == Source)
        {
            _found = eventSource;
            if (_isStarted)
            {
                Enable(eventSource);
            }
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "EventCounters" && eventData.Payload is [IDictionary<string, object?> counter, ..]
            && counter.TryGetValue("Name", out var name) && name is string text && Known.TryGetValue(text, out var known)
            && counter.TryGetValue("Mean", out var mean) && mean is double value)
        {
            _values[known.Name] = value;
        }
    }

    /// <summary>Counters alone: the events themselves stay off.</summary>
    private void Enable(EventSource source) =>
        EnableEvents(source, EventLevel.Critical, EventKeywords.None, new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "1" });
}
