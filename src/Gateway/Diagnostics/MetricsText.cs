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

    private readonly Lock _gate = new();
    private readonly MeterListener _own = new();
    private readonly MeterListener _framework = new();
    private readonly YarpCounters _yarp = new();
    private readonly ConcurrentDictionary<Instrument, MetricSeries> _series = new();
    private readonly TrafficRecorder _traffic;
    private bool _isAsked;

    /// <summary>The reading that was begun last, or will be.</summary>
    private Task _last = Task.CompletedTask;

    /// <summary>The one that has not begun yet; null where nobody waits.</summary>
    private Task<string>? _next;

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

    public async Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var text = await ReadAsync();
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>
    /// The instruments as they are now, or a moment later. One reading at a time, for gauges are forgotten and read anew; those who come while one is made
    /// hold no thread, and are all given the next.
    /// </summary>
    public Task<string> ReadAsync()
    {
        lock (_gate)
        {
            if (_next is null)
            {
                _last = _next = ReadAfterAsync(_last);
            }

            return _next;
        }
    }

    private async Task<string> ReadAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            // Who comes from here on may have done what this reading does not show.
            _next = null;
        }

        return Render();
    }

    private string Render()
    {
        if (!_isAsked)
        {
            _isAsked = true;
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
