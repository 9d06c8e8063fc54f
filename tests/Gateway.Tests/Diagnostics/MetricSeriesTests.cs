using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using CacheGateway.Diagnostics;

namespace CacheGateway.Tests.Diagnostics;

/// <summary>More sets of labels than are kept apart: nothing of a sum is lost.</summary>
public sealed class MetricSeriesTests
{
    private const int Sets = 2500;

    [Fact]
    public void ObservableCounter_OfManyLabels_KeepsTheSum()
    {
        using var meter = new Meter("test");
        var value = 0L;
        var series = new MetricSeries(meter.CreateObservableCounter<long>("asked", Ask));
        for (value = 1; value <= 3; value++)
        {
            series.Forget();
            foreach (var one in Ask())
            {
                series.Record(one.Value, one.Tags);
            }

            Assert.Equal(Sets * value, Sum(series));
        }

        IEnumerable<Measurement<long>> Ask() => Enumerable.Range(0, Sets).Select(i => new Measurement<long>(value, new KeyValuePair<string, object?>("i", i)));
    }

    [Fact]
    public void Counter_OfManyLabels_KeepsTheSum()
    {
        using var meter = new Meter("test");
        var series = new MetricSeries(meter.CreateCounter<long>("counted"));
        for (var i = 0; i < Sets * 2; i++)
        {
            series.Record(1, [new("i", i % Sets)]);
        }

        Assert.Equal(Sets * 2, Sum(series));
    }

    private static double Sum(MetricSeries series)
    {
        var text = new StringBuilder();
        series.Render(text);
        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToArray();
        Assert.Single(lines, line => line.Contains("overflow=\"true\"", StringComparison.Ordinal));
        return lines.Sum(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }
}
