namespace CacheGateway.Storage.Redis;

/// <summary>
/// Redis' clock as this node knows it: the difference to its own monotonic clock, seen in the answers. The wall clocks of gateways play no
/// part. What is written by it is checked by the write script against the real one.
/// </summary>
internal sealed class RedisClock
{
    private const long Unknown = long.MinValue;
    private long _ahead = Unknown;

    /// <summary>An answer that says <paramref name="redis"/> came between these two monotonic instants.</summary>
    public void Observe(long redis, long sent, long received) => Volatile.Write(ref _ahead, redis - ((sent + received) / 2));

    /// <summary>Redis' milliseconds at a monotonic instant; null before the first answer.</summary>
    public long? At(long monotonic)
    {
        var ahead = Volatile.Read(ref _ahead);
        return ahead == Unknown ? null : monotonic + ahead;
    }
}
