namespace CacheGateway.Storage.Redis;

/// <summary>
/// Redis' clock as this node knows it: the difference to its own monotonic clock, seen in the answers. The wall clocks of gateways play no
/// part. What is written by it is checked by the write script against the real one.
/// </summary>
internal sealed class RedisClock
{
    /// <summary>How long what was seen is good enough to tell ages by: what Redis' own clock may step unnoticed, and no drift to speak of.</summary>
    private const long GoodMs = 1000;

    /// <summary>Longest that a question is thought to take to Redis.</summary>
    private const long LongestWayMs = 50;

    private Seen? _seen;
    private Seen? _doubted;

    /// <summary>
    /// An answer that says <paramref name="redis"/> came between these two monotonic instants: halfway, unless that is long after it was sent. Then this process
    /// stood still rather than Redis.
    /// </summary>
    public void Observe(long redis, long sent, long received) => Volatile.Write(ref _seen, new Seen(redis - sent - Math.Min((received - sent) / 2, LongestWayMs), sent));

    /// <summary>Redis' milliseconds at a monotonic instant; null before the first answer.</summary>
    public long? At(long monotonic) => Volatile.Read(ref _seen) is { } seen ? monotonic + seen.Ahead : null;

    /// <summary>As <see cref="At"/>, but null also where Redis has not been heard for a second, or not since <see cref="Doubt"/>.</summary>
    public long? SurelyAt(long monotonic) =>
        Volatile.Read(ref _seen) is { } seen && seen != Volatile.Read(ref _doubted) && monotonic - seen.At <= GoodMs ? monotonic + seen.Ahead : null;

    /// <summary>It may be another server, with another clock, that answers from now on.</summary>
    public void Doubt() => Volatile.Write(ref _doubted, Volatile.Read(ref _seen));

    private sealed class Seen(long ahead, long at)
    {
        public long Ahead => ahead;

        public long At => at;
    }
}
