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
}
