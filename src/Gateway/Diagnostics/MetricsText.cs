using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Text;
using CacheGateway.Diagnostics.Traffic;

namespace CacheGateway.Diagnostics;

/// <summary>
/// The instruments of the gateway, and those of ASP.NET Core, Kestrel, HttpClient, YARP and the runtime, in the Prometheus text format (version
/// 0.0.4), collected by a <see cref="MeterListener"/>: counters are summed here, gauges are read when asked. What the framework measures with every
/// request is listened to from the first reading on: a gateway that nobody asks pays nothing for it.
/// </summary>
internal sealed class MetricsText : IDisposable
{
    /// <summary>Upper ends of the buckets of request durations, in microseconds.</summary>
    private static readonly long[] DurationBounds =
        [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576, 2_097_152, 4_194_304, 8_388_608, 16_777_216];

    private static readonly FrozenSet<string> Framework = FrozenSet.Create(
        StringComparer.Ordinal, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Routing", "System.Net.Http", "System.Net.NameResolution", "System.Runtime");

    private readonly Lock _rendering = new();
    private readonly MeterListener _own = new();
    private readonly MeterListener _framework = new();
    private readonly YarpCounters _yarp = new();
    private readonly ConcurrentDictionary<Instrument, MetricSeries> _series = new();
    private readonly TrafficRecorder _traffic;
    private int _isAsked;

    /// <param name="metrics">Whose instruments are shown: a process may hold several gateways.</param>
    /// <param name="traffic">Whose durations are shown.</param>
    /// <param name="meters">The factory whose framework meters are this application's.</param>
    public MetricsText(GatewayMetrics metrics, TrafficRecorder traffic, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _traffic = traffic;
        _own.InstrumentPublished = (instrument, listener) => Take(metrics.Owns(instrument), instrument, listener);
        _framework.InstrumentPublished = (instrument, listener) =>
            Take(Framework.Contains(instrument.Meter.Name) && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters)), instrument, listener);
        _yarp.AddTo(metrics);
        Listen(_own);
        Listen(_framework);
        _own.Start();
    }

    /// <summary>The gateway's own, with the sentences that document them.</summary>
    public IReadOnlyList<(string Name, string Kind, string Help)> Own(GatewayMetrics metrics) =>
        [.. _series.Where(pair => metrics.Owns(pair.Key)).Select(pair => (pair.Value.Name, pair.Value.Kind, pair.Value.Help))
            .Append((Name: DurationName, Kind: "histogram", Help: DurationHelp)).OrderBy(one => one.Name, StringComparer.Ordinal)];

    /// <summary>Every name there is, without the suffixes of histograms.</summary>
    public IReadOnlySet<string> Names => _series.Values.Select(series => series.Name).Append(DurationName).ToHashSet(StringComparer.Ordinal);

    private const string DurationName = "cachegateway_request_duration_seconds";
    private const string DurationHelp = "From the arrival of a request to the end of its answer, by policy and by whether it came from the cache (cached), waited for another's fetch (collapsed) or went to the origin (uncached).";

    public Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(Render(), context.RequestAborted);
    }

    /// <summary>One at a time: gauges are forgotten and read anew for each who asks.</summary>
    public string Render()
    {
        lock (_rendering)
        {
            return RenderAlone();
        }
    }

    private string RenderAlone()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
        {
            _framework.Start();
        }

        foreach (var series in _series.Values)
        {
            series.Forget();
        }

        _own.RecordObservableInstruments();
        _framework.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var series in _series.Values.OrderBy(series => series.Name, StringComparer.Ordinal))
        {
            series.Render(text);
        }

        Durations(text);
        return text.ToString();
    }

    public void Dispose()
    {
        _own.Dispose();
        _framework.Dispose();
        _yarp.Dispose();
    }

    private void Take(bool isWanted, Instrument instrument, MeterListener listener)
    {
        if (isWanted)
        {
            listener.EnableMeasurementEvents(instrument, _series.GetOrAdd(instrument, one => new MetricSeries(one)));
        }
    }

    private static void Listen(MeterListener listener)
    {
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
    }

    private void Durations(StringBuilder text)
    {
        var bounds = Array.ConvertAll(DurationBounds, bound => bound / 1e6);
        MetricSeries.Head(text, DurationName, "histogram", DurationHelp);
        foreach (var policy in _traffic.Policies)
        {
            var values = policy.Total.Values;
            foreach (var (source, place) in new[] { ("cached", TrafficLayout.Cached), ("collapsed", TrafficLayout.Collapsed), ("uncached", TrafficLayout.Uncached) })
            {
                var counts = new long[DurationBounds.Length + 1];
                for (var i = 0; i < LatencyScale.Buckets; i++)
                {
                    // The bounds are ends of buckets, so nothing is split.
                    var bound = Array.FindIndex(DurationBounds, end => LatencyScale.EndOf(i) <= end);
                    counts[bound < 0 ? DurationBounds.Length : bound] += values[place + 1 + i];
                }

                MetricSeries.Histogram(text, DurationName, $"policy=\"{policy.Name}\",source=\"{source}\"", bounds, counts, values[place] / 1e6);
            }
        }
    }
}
