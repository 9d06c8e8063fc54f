using System.Globalization;

namespace Fence;

/// <summary>Times in milliseconds, in order.</summary>
internal sealed class Figures(IEnumerable<double> times)
{
    private readonly double[] _sorted = [.. times.Order()];

    public double Median => At(0.5);

    public double At(double share) => _sorted[(int)Math.Min(_sorted.Length - 1, share * _sorted.Length)];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p50 {Median:0.00} ms, p99 {At(0.99):0.00} ms, longest {_sorted[^1]:0.00} ms ({_sorted.Length} times)");
}
