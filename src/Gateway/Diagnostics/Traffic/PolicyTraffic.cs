using CacheGateway.Model;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>The running numbers of one policy. Made when the policy is first seen; lives as long as the process.</summary>
internal sealed class PolicyTraffic(string name)
{
    private readonly StripedCounts _counts = new(TrafficLayout.Length);

    public string Name { get; } = name;

    public TrafficHistory History { get; } = new();

    /// <summary>Since the start.</summary>
    public TrafficCounts Total => new(_counts.Sum());

    /// <summary>Counts a request that was answered: no lock, no allocation.</summary>
    public void Count(ServedFrom from, Reason reason, long bytes, long microseconds)
    {
        var counts = _counts.Here;
        Interlocked.Increment(ref counts[TrafficLayout.Request(from, reason)]);
        if (bytes > 0)
        {
            Interlocked.Add(ref counts[TrafficLayout.BytesOf(from)], bytes);
        }

        var latency = TrafficLayout.LatencyOf(from, reason);
        if (latency >= 0)
        {
            Interlocked.Add(ref counts[latency], microseconds);
            Interlocked.Increment(ref counts[latency + 1 + LatencyScale.IndexOf(microseconds)]);
        }
    }

    public void Count(TrafficFact fact, long value = 1) => _counts.Add(TrafficLayout.Fact(fact), value);
}
