using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CacheGateway.Diagnostics;

/// <summary>
/// One instrument as the Prometheus text shows it. Labels that were seen before are found without a lock and without an allocation; beyond
/// <see cref="MostCells"/> sets of them all others are counted together.
/// </summary>
internal sealed class MetricSeries
{
    private const int MostCells = 2000;

    /// <summary>
    /// Its "server.address" is what the Host field says, which is the client's: a label with values without end. Which destination was asked, YARP says.
    /// </summary>
    internal const string HostNaming = "System.Net.Http";

    private static readonly KeyValuePair<string, object?>[] Overflow = [new("overflow", "true")];

    private static readonly FrozenDictionary<string, string> Units =
        new Dictionary<string, string> { ["s"] = "seconds", ["ms"] = "milliseconds", ["By"] = "bytes" }.ToFrozenDictionary();

    [ThreadStatic]
    private static KeyValuePair<string, object?>[]? _left;

    private readonly Lock _gate = new();
    private readonly double[]? _bounds;
    private readonly bool _adds;
    private readonly bool _namesHosts;
    private readonly bool _isObserved;
    private readonly bool _isAsked;
    private MetricCell? _together;
    private volatile Dictionary<int, MetricCell> _cells = [];
    private int _count;

    public MetricSeries(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        var isCount = type.StartsWith("Counter`", StringComparison.Ordinal) || type.StartsWith("ObservableCounter`", StringComparison.Ordinal);
        var isHistogram = type.StartsWith("Histogram`", StringComparison.Ordinal);
        _adds = !instrument.IsObservable && !type.StartsWith("Gauge`", StringComparison.Ordinal);
        _bounds = isHistogram ? (instrument as Instrument<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] : null;
        _isObserved = instrument.IsObservable;
        _isAsked = _isObserved && !isCount;
        _namesHosts = instrument.Meter.Name == HostNaming;
        Name = NameOf(instrument.Name, instrument.Unit, isCount);
        Kind = isHistogram ? "histogram" : isCount ? "counter" : "gauge";
        Help = instrument.Description ?? "";
    }

    public string Name { get; }

    public string Kind { get; }

    public string Help { get; }

    public static string NameOf(string name, string? unit, bool isCount)
    {
        var text = name.Replace('.', '_').Replace('-', '_');
        if (unit is not null && Units.TryGetValue(unit, out var word) && !text.Contains(word, StringComparison.Ordinal))
        {
            text += "_" + word;
        }

        return isCount ? text + "_total" : text;
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var cell = CellOf(_namesHosts ? WithoutHosts(tags) : tags);
        if (_bounds is not null)
        {
            cell.Observe(value);
        }
        else if (_adds)
        {
            cell.Add(value);
        }
        else if (_isObserved && cell == _together)
        {
            cell.Set(cell.Value + value);
        }
        else
        {
            cell.Set(value);
        }
    }

    /// <summary>
    /// Before its instrument is asked: what that does not name this time is not there any more. Counters only grow, and are remembered, but for those that are counted together: they are
    /// summed each time.
    /// </summary>
    public void Forget()
    {
        if (_isObserved)
        {
            _together?.Set(0);
        }

        if (_isAsked)
        {
            foreach (var cell in _cells.Values.SelectMany(Chain))
            {
                cell.Forget();
            }
        }
    }

    public void Render(StringBuilder text)
    {
        var cells = _cells.Values.SelectMany(Chain).Where(cell => !_isAsked || cell.IsSet).OrderBy(cell => cell.Labels, StringComparer.Ordinal).ToArray();
        if (cells.Length == 0)
        {
            return;
        }

        Head(text, Name, Kind, Help);
        foreach (var cell in cells)
        {
            if (_bounds is null)
            {
                Line(text, Name, cell.Labels, cell.Value);
            }
            else
            {
                Histogram(text, Name, cell.Labels, _bounds, cell.Buckets, cell.Value);
            }
        }
    }

    public static void Head(StringBuilder text, string name, string kind, string help) => text
        .Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n')
        .Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');

    /// <param name="text">Written to.</param>
    /// <param name="name">Without suffix.</param>
    /// <param name="labels">Without braces.</param>
    /// <param name="bounds">The upper ends of all buckets but the last, which has none.</param>
    /// <param name="counts">One for each bucket, not cumulated.</param>
    /// <param name="sum">Of all values.</param>
    public static void Histogram(StringBuilder text, string name, string labels, double[] bounds, IReadOnlyList<long> counts, double sum)
    {
        long below = 0;
        var comma = labels.Length > 0 ? "," : "";
        for (var i = 0; i < counts.Count; i++)
        {
            below += counts[i];
            Line(text, name + "_bucket", $"{labels}{comma}le=\"{(i < bounds.Length ? Number(bounds[i]) : "+Inf")}\"", below);
        }

        Line(text, name + "_sum", labels, sum);
        Line(text, name + "_count", labels, below);
    }

    /// <summary>Good until this thread asks again: every request to an origin comes by here, and leaves nothing behind.</summary>
    private static ReadOnlySpan<KeyValuePair<string, object?>> WithoutHosts(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_left is null || _left.Length < tags.Length)
        {
            _left = new KeyValuePair<string, object?>[Math.Max(16, tags.Length)];
        }

        var count = 0;
        foreach (var tag in tags)
        {
            if (tag.Key is not ("server.address" or "server.port" or "network.peer.address"))
            {
                _left[count++] = tag;
            }
        }

        return _left.AsSpan(0, count);
    }

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels.Length > 0 ? "{" : "").Append(labels).Append(labels.Length > 0 ? "} " : " ").Append(Number(value)).Append('\n');

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static IEnumerable<MetricCell> Chain(MetricCell first)
    {
        for (MetricCell? cell = first; cell is not null; cell = cell.Next)
        {
            yield return cell;
        }
    }

    private MetricCell CellOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach (var (key, value) in tags)
        {
            hash.Add(key);
            hash.Add(value);
        }

        var code = hash.ToHashCode();
        return Find(code, tags) ?? Add(code, tags);
    }

    private MetricCell? Find(int code, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        for (var cell = _cells.GetValueOrDefault(code); cell is not null; cell = cell.Next)
        {
            if (cell.Has(tags))
            {
                return cell;
            }
        }

        return null;
    }

    private MetricCell Add(int code, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (Find(code, tags) is { } known)
            {
                return known;
            }

            if (_together is not null)
            {
                return _together;
            }

            var isLast = _count == MostCells;
            if (isLast)
            {
                code = 0;
                tags = Overflow;
            }

            _count++;
            var cell = new MetricCell(tags.ToArray(), LabelsOf(tags), _bounds) { Next = _cells.GetValueOrDefault(code) };
            _cells = new Dictionary<int, MetricCell>(_cells) { [code] = cell };
            _together = isLast ? cell : null;
            return cell;
        }
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            var shown = value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();
            text.Append(text.Length > 0 ? "," : "").Append(key.Replace('.', '_')).Append("=\"")
                .Append(shown?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }

        return text.ToString();
    }
}
