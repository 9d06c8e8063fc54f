using CacheGateway.Diagnostics.Traffic;

namespace CacheGateway.Operations;

/// <summary>What weighs most on this node. Keys come from a sample and are redacted.</summary>
internal sealed class TopView(TrafficRecorder traffic)
{
    public TopAnswer Read(int limit) => new(
        Keys(traffic.ByRequests, limit), Keys(traffic.ByMisses, limit), Keys(traffic.ByBytes, limit),
        [.. traffic.Policies
            .Select(policy => (policy.Name, Total: policy.Total))
            .OrderByDescending(policy => policy.Total.Requests).Take(limit)
            .Select(policy => new TopPolicy(policy.Name, policy.Total.Requests, policy.Total.Misses, policy.Total.Bytes, policy.Total.HitRatio))]);

    private static List<TopKey> Keys(HeavyHitters hitters, int limit) =>
        [.. hitters.Top(limit).Select(hitter => (hitter, Key: RedactedKey.Of(hitter.Key))).Select(pair => new TopKey(pair.Key.Id, pair.Key.Url, pair.Key.Policy, pair.hitter.Weight, pair.hitter.Error))];
}

/// <param name="ByRequests">Keys by requests.</param>
/// <param name="ByMisses">Keys by requests that the cache did not answer.</param>
/// <param name="ByBytes">Keys by body bytes sent.</param>
/// <param name="Policies">Policies by requests; exact.</param>
internal sealed record TopAnswer(IReadOnlyList<TopKey> ByRequests, IReadOnlyList<TopKey> ByMisses, IReadOnlyList<TopKey> ByBytes, IReadOnlyList<TopPolicy> Policies);

/// <param name="Id">Tells keys apart.</param>
/// <param name="Url">Values of the query hidden.</param>
/// <param name="Policy">Who keyed it.</param>
/// <param name="Weight">Requests or bytes, recent ones counting more.</param>
/// <param name="Error">At most this much of it is another key's.</param>
internal sealed record TopKey(string Id, string Url, string Policy, long Weight, long Error);

/// <param name="Policy">Its name; "none" is what no policy took.</param>
/// <param name="Requests">Since the start.</param>
/// <param name="Misses">Those that needed a fetch of their own; what went past the cache is none of them.</param>
/// <param name="Bytes">Body bytes sent to clients.</param>
/// <param name="HitRatio">0 to 1; null without requests that a cache could answer.</param>
internal sealed record TopPolicy(string Policy, long Requests, long Misses, long Bytes, double? HitRatio);
