using CacheGateway.Diagnostics.Traffic;

namespace CacheGateway.Dashboard.Reading;

/// <summary>Traffic in the ranges that pages show. What several open windows ask for within a second is summed once.</summary>
internal sealed class TrafficReader(TrafficRecorder traffic, TimeProvider time)
{
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<(TimeRange Range, string? Policy, int Points), (long At, TrafficSeries Series)> _series = [];

    /// <summary>Requests a second, of the last half minute or of as much as there was.</summary>
    public double Rate => traffic.Window(Lately).Requests / Math.Clamp(Uptime.TotalSeconds, TrafficHistory.ShortSlot.TotalSeconds, Lately.TotalSeconds);

    public TimeSpan Uptime => time.GetUtcNow() - traffic.StartedAt;

    /// <summary>The range of that name, with charts cut to what there is.</summary>
    public TimeRange Range(string? name) => TimeRange.Of(name).For(Uptime);

    /// <summary>Policies that saw traffic, in the order they did.</summary>
    public IReadOnlyList<PolicyTraffic> Policies => traffic.Policies;

    public PolicyTraffic? Policy(string name) => traffic.Policies.FirstOrDefault(policy => policy.Name == name);

    /// <summary>The sum over a range: of one policy, or of all.</summary>
    public TrafficCounts Sum(TimeRange range, PolicyTraffic? policy = null) => range.IsWhole
        ? policy?.Total ?? traffic.Total
        : policy?.History.Window(range.Length) ?? traffic.Window(range.Length);

    /// <summary>Step by step, oldest first.</summary>
    /// <param name="range">How far back.</param>
    /// <param name="policy">One policy; null = all.</param>
    /// <param name="points">How many steps it is cut into; 0 = as the range says.</param>
    public TrafficSeries Series(TimeRange range, PolicyTraffic? policy = null, int points = 0)
    {
        var key = (range, policy?.Name, points);
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_series.TryGetValue(key, out var known) && time.GetElapsedTime(known.At, now) < Keep)
            {
                return known.Series;
            }

            foreach (var old in _series.Where(pair => time.GetElapsedTime(pair.Value.At, now) >= Keep).Select(pair => pair.Key).ToList())
            {
                _series.Remove(old);
            }

            var cut = points == 0 ? range : range with { Step = range.Length / points, Points = points };
            var series = Read(cut, policy is null ? traffic.Policies : [policy]);
            _series[key] = (now, series);
            return series;
        }
    }

    private TrafficSeries Read(TimeRange range, IReadOnlyList<PolicyTraffic> policies)
    {
        var end = time.GetUtcNow();
        var times = Enumerable.Range(0, range.Points).Select(i => end - (range.Step * (range.Points - 1 - i))).ToList();
        var counts = TrafficHistory.Series(policies, range.Step, range.Points);
        return new TrafficSeries(range, times, [.. times.Select((at, i) => at < traffic.StartedAt ? null : counts[i])])
        {
            Longer = range.Length > TrafficHistory.ShortReach && policies.Count > 0 ? policies.Max(policy => policy.History.Gathered) : default,
        };
    }
}
