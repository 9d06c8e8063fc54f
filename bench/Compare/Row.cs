namespace Compare;

/// <summary>What one peer did in one scenario: medians of all rounds. NaN = not measured.</summary>
internal sealed record Row(string Scenario, string Peer)
{
    public double Rate { get; init; } = double.NaN;

    public double P50 { get; init; } = double.NaN;

    public double P99 { get; init; } = double.NaN;

    public double CpuMicroseconds { get; init; } = double.NaN;

    public double ResidentMegabytes { get; init; } = double.NaN;

    public long Errors { get; init; }

    /// <summary>What the columns have no place for.</summary>
    public string Note { get; init; } = "";

    public static Row Of(string scenario, string peer, IReadOnlyList<Sample> samples) => new(scenario, peer)
    {
        Rate = Median(samples, sample => sample.Load.Rate),
        P50 = Median(samples, sample => sample.Load.P50),
        P99 = Median(samples, sample => sample.Load.P99),
        CpuMicroseconds = Median(samples, sample => sample.CpuMicroseconds),
        ResidentMegabytes = Median(samples, sample => sample.ResidentMegabytes),
        Errors = samples.Sum(sample => sample.Load.Errors),
    };

    private static double Median(IReadOnlyList<Sample> samples, Func<Sample, double> value)
    {
        var values = samples.Select(value).Order().ToArray();
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}

/// <summary>One round of one peer.</summary>
internal sealed record Sample(LoadResult Load, double CpuMicroseconds, double ResidentMegabytes);
