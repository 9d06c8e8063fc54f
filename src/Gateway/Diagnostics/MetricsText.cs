using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CacheGateway.Diagnostics;

/// <summary>
/// The gateway's instruments in the Prometheus text format (version 0.0.4), collected by a <see cref="MeterListener"/>: counters are summed
/// here, gauges are read when asked.
/// </summary>
internal sealed class MetricsText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), StrongBox> _sums = new();
    private readonly ConcurrentDictionary<string, (string Kind, string Help)> _instruments = new(StringComparer.Ordinal);

    /// <param name="metrics">Whose instruments are shown: a process may hold several gateways.</param>
    public MetricsText(GatewayMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (metrics.Owns(instrument))
            {
                _instruments[NameOf(instrument)] = (IsCount(instrument) ? "counter" : "gauge", instrument.Description ?? "");
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Record);
        _listener.Start();
    }

    public Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(Render(), context.RequestAborted);
    }

    public string Render()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var group in _sums.OrderBy(pair => pair.Key, Comparer<(string, string)>.Default).GroupBy(pair => pair.Key.Name))
        {
            var (kind, help) = _instruments[group.Key];
            text.Append("# HELP ").Append(group.Key).Append(' ').Append(help).Append('\n');
            text.Append("# TYPE ").Append(group.Key).Append(' ').Append(kind).Append('\n');
            foreach (var ((name, labels), value) in group)
            {
                text.Append(name).Append(labels).Append(' ').Append(Interlocked.Read(ref value.Value).ToString(CultureInfo.InvariantCulture)).Append('\n');
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsCount(Instrument instrument) => instrument is Counter<long> or ObservableCounter<long>;

    private static string NameOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        return IsCount(instrument) ? name + "_total" : name;
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder("{");
        foreach (var (key, value) in tags)
        {
            text.Append(text.Length > 1 ? "," : "").Append(key).Append("=\"")
                .Append(value?.ToString()?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }

        return text.Append('}').ToString();
    }

    private void Record(Instrument instrument, long measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var sum = _sums.GetOrAdd((NameOf(instrument), LabelsOf(tags)), _ => new StrongBox());
        if (instrument is Counter<long>)
        {
            Interlocked.Add(ref sum.Value, measurement);
        }
        else
        {
            Interlocked.Exchange(ref sum.Value, measurement);
        }
    }

    private sealed class StrongBox
    {
        public long Value;
    }
}
