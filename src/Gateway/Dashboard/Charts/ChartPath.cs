using System.Globalization;
using System.Text;

namespace CacheGateway.Dashboard.Charts;

/// <summary>SVG path data of lines and layers, in a plot 1000 wide; gaps where nothing was measured.</summary>
public static class ChartPath
{
    public const double Width = 1000;

    /// <summary>The middle of the column of moment <paramref name="i"/>.</summary>
    public static double X(int i, int count) => Width * (i + 0.5) / Math.Max(1, count);

    public static string Line(IReadOnlyList<double?> values, ChartAxis axis)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(axis);
        var path = new StringBuilder();
        var isDown = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                // A point alone still shows: a line to itself with round ends.
                path.Append(isDown ? 'L' : 'M').Append(Point(i, values.Count, axis.Y(value)));
                if (!isDown && (i + 1 == values.Count || values[i + 1] is null))
                {
                    path.Append('L').Append(Point(i, values.Count, axis.Y(value)));
                }
            }

            isDown = values[i] is not null;
        }

        return path.ToString();
    }

    /// <summary>The layer between two curves.</summary>
    public static string Layer(IReadOnlyList<double> lower, IReadOnlyList<double> upper, ChartAxis axis)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        ArgumentNullException.ThrowIfNull(axis);
        var path = new StringBuilder();
        for (var i = 0; i < upper.Count; i++)
        {
            path.Append(i == 0 ? 'M' : 'L').Append(Point(i, upper.Count, axis.Y(upper[i])));
        }

        for (var i = lower.Count - 1; i >= 0; i--)
        {
            path.Append('L').Append(Point(i, lower.Count, axis.Y(lower[i])));
        }

        return path.Length == 0 ? "" : path.Append('Z').ToString();
    }

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Point(int i, int count, double y) => $"{Number(X(i, count))} {Number(y)}";
}
