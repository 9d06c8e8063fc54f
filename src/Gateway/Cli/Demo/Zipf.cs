namespace CacheGateway.Cli.Demo;

/// <summary>Popularity by rank: the n-th is asked for in proportion to 1/n^exponent, as pages of real sites are.</summary>
internal sealed class Zipf
{
    private readonly double[] _cumulative;

    public Zipf(int count, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _cumulative = new double[count];
        var sum = 0.0;
        for (var rank = 0; rank < count; rank++)
        {
            sum += 1 / Math.Pow(rank + 1, exponent);
            _cumulative[rank] = sum;
        }
    }

    /// <summary>The rank, from 0, that a draw from [0, 1) falls on.</summary>
    public int RankOf(double draw)
    {
        var at = Array.BinarySearch(_cumulative, draw * _cumulative[^1]);
        return Math.Min(at < 0 ? ~at : at + 1, _cumulative.Length - 1);
    }
}
