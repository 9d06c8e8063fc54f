namespace CacheGateway.Soak;

/// <summary>Memory and descriptors of the gateway that lives through the whole run, second by second.</summary>
internal sealed class Samples
{
    private readonly List<(TimeSpan At, long Memory, int Files)> _all = [];

    public void Add(long memory, int files) => _all.Add((Clock.Now, memory, files));

    public double MemoryMegabytes => _all.Count == 0 ? 0 : _all[^1].Memory / 1048576.0;

    public double MostMegabytes => _all.Count == 0 ? 0 : _all.Max(sample => sample.Memory) / 1048576.0;

    public int FilesAtStart => _all.Count == 0 ? 0 : _all[_all.Count / 10].Files;

    public int FilesAtEnd => _all.Count == 0 ? 0 : _all[^1].Files;

    /// <summary>
    /// The least memory of the second and of the last quarter: what is left after a collection. Between collections memory rises and falls, and a
    /// line through it says more of their rhythm than of a leak.
    /// </summary>
    public (double Second, double Last) Floors => _all.Count < 8 ? (0, 0) : (Floor(_all.Count / 4, _all.Count / 2), Floor(_all.Count * 3 / 4, _all.Count));

    /// <summary>Growth of memory in MB a minute over the second half of the run, by least squares.</summary>
    public double Slope
    {
        get
        {
            var half = _all.Skip(_all.Count / 2).Select(sample => (X: sample.At.TotalMinutes, Y: sample.Memory / 1048576.0)).ToArray();
            if (half.Length < 10)
            {
                return 0;
            }

            var (x, y) = (half.Average(point => point.X), half.Average(point => point.Y));
            return half.Sum(point => (point.X - x) * (point.Y - y)) / half.Sum(point => (point.X - x) * (point.X - x));
        }
    }

    private double Floor(int from, int to) => _all[from..to].Min(sample => sample.Memory) / 1048576.0;
}
