using System.Globalization;
using System.Net;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Asks whether a replica has what was just raised (WAIT). That blocks the connection it is asked on, so it has one of its own, to the master of
/// the fence, which is made when the first replica is seen. A replica acknowledges in the order of the master's writes: one that has a write made
/// here afterwards has the raise too. Nothing depends on the answer but what the receipt says.
/// </summary>
internal sealed class ReplicaWait(RedisSettings settings, RedisGuard guard, FenceKeys keys, BusLimits limits, TimeProvider time) : IAsyncDisposable
{
    /// <summary>On a full server as well: it took the raise.</summary>
    private static readonly RedisScript Write = new("fence-waited", """
        #!lua flags=allow-oom
        return redis.call('HSET', KEYS[1], 'waited', '1')
        """);

    private readonly SemaphoreSlim _connecting = new(1);
    private ConnectionMultiplexer? _master;
    private long _silentAt;
    private int _most;

    /// <summary>How many replicas have it, one being enough; null where there never was one.</summary>
    /// <param name="replicas">How many the server had when it took the raise.</param>
    public async Task<int?> AskAsync(int replicas)
    {
        if (replicas > _most)
        {
            _most = replicas;
        }

        if (_most == 0)
        {
            return null;
        }

        var silentAt = Volatile.Read(ref _silentAt);
        if (replicas == 0 || (silentAt != 0 && time.GetElapsedTime(silentAt) < limits.ReplicaPause))
        {
            return 0;
        }

        var count = 0;
        try
        {
            count = await WaitAsync().WaitAsync(limits.ReplicaWait * 2, time);
        }
        catch (RedisServerException exception) when (!exception.Message.StartsWith("READONLY", StringComparison.Ordinal))
        {
            // It is the master, and says why not.
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or IOException or InvalidOperationException)
        {
            // Another server is master by now, or there is none: the next time it is looked for again. Nobody waits for what hangs to be closed.
            _ = Task.Run(Forget);
        }

        // Replicas that hang must not make every raise wait for them.
        Volatile.Write(ref _silentAt, count > 0 ? 0 : time.GetTimestamp());
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await _connecting.WaitAsync();
        Forget();
        _connecting.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        if (await MasterAsync() is not { } master)
        {
            return 0;
        }

        var database = master.GetDatabase(settings.Database);
        var written = database.RunAsync(Write, [keys.State], []);
        var waited = database.ExecuteAsync("WAIT", "1", ((long)limits.ReplicaWait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        await written;
        return (int)await waited;
    }

    private async Task<ConnectionMultiplexer?> MasterAsync()
    {
        if (Volatile.Read(ref _master) is { } known)
        {
            return known;
        }

        await _connecting.WaitAsync();
        try
        {
            if (_master is null)
            {
                var found = await guard.CallAsync("fence-master", database => database.IdentifyEndpointAsync(keys.State), limits.CallTimeout);
                if (found.Value is { } server)
                {
                    Volatile.Write(ref _master, await ConnectAsync(server));
                }
            }

            return _master;
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(EndPoint server)
    {
        var master = await ConnectionMultiplexer.ConnectAsync(RedisOptions.Of(settings, server));
        try
        {
            if (settings.Database != 0)
            {
                await RedisOptions.SelectAsync(master, settings.Database);
            }

            return master;
        }
        catch
        {
            master.Dispose();
            throw;
        }
    }

    private void Forget() => Interlocked.Exchange(ref _master, null)?.Dispose();
}
