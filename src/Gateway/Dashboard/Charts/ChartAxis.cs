namespace CacheGateway.Dashboard.Charts;

/// <summary>A value axis whose marks are evenly spaced: steps of 1, 2 or 5 from zero, or powers of ten.</summary>
public sealed record ChartAxis
{
    /// <summary>Height of every plot in its own units.</summary>
    public const double Height = 100;

    private const double Smallest = 0.001;

    private readonly double _low;
    private readonly double _high;
    private readonly bool _isLog;

    private ChartAxis(double low, double high, bool isLog, IReadOnlyList<double> marks)
    {
        _low = low;
        _high = high;
        _isLog = isLog;
        Marks = marks;
    }

    /// <summary>From the bottom up.</summary>
    public IReadOnlyList<double> Marks { get; }

    /// <summary>From zero to at least <paramref name="most"/>, with at most five marks.</summary>
    /// <param name="most">The largest value shown.</param>
    /// <param name="limit">Where the axis ends whatever the values, as 1 for shares; null = above the largest value.</param>
    public static ChartAxis Linear(double most, double? limit = null)
    {
        if (limit is { } end)
        {
            return new ChartAxis(0, end, false, [0, end / 2, end]);
        }

        var step = StepFor(most);
        var count = Math.Max(1, (int)Math.Ceiling(most / step - 1e-9));
        return new ChartAxis(0, count * step, false, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }

    /// <summary>Powers of ten around the values; nothing below a thousandth of the unit.</summary>
    public static ChartAxis Log(double least, double most)
    {
        var low = Math.Floor(Math.Log10(Math.Max(least, Smallest)));
        var high = Math.Max(low + 1, Math.Ceiling(Math.Log10(Math.Max(most, Smallest))));
        return new ChartAxis(low, high, true, [.. Enumerable.Range(0, (int)(high - low) + 1).Select(i => Math.Pow(10, low + i))]);
    }

    /// <summary>Distance from the top.</summary>
    public double Y(double value)
    {
        var at = _isLog ? Math.Log10(Math.Max(value, 1e-9)) : value;
        return Height * (1 - Math.Clamp((at - _low) / (_high - _low), 0, 1));
    }

    private static double StepFor(double most)
    {
        if (most <= 0)
        {
            return 1;
        }

        var rough = most / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
