namespace CacheGateway.Storage.Redis;

/// <summary>All guards of this process: stored responses have one, and so has each part of the bus. Filled while the parts are made, and asked by the metric.</summary>
internal sealed class RedisGuards
{
    private readonly Lock _gate = new();
    private RedisGuard[] _all = [];

    /// <summary>Whether any of them holds calls back.</summary>
    public bool IsAnyOpen => Array.Exists(Volatile.Read(ref _all), guard => !guard.IsClosed);

    public RedisGuard Add(RedisGuard guard)
    {
        lock (_gate)
        {
            Volatile.Write(ref _all, [.. _all, guard]);
        }

        return guard;
    }
}
