using CacheGateway.Diagnostics;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// What wakes the bus's loop before its time: a message that names an epoch this node has not applied, a new connection, somebody in this
/// process. Losing any of it costs the wait for the next sync, nothing else.
/// </summary>
internal sealed class WakeLine(FenceChannel channel, FenceReplica replica, BusLimits limits, BusMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly AsyncSignal _signal = new();
    private object? _subscribedOn;
    private string? _unheard;

    public void Wake() => _signal.Set();

    public Task WaitAsync(TimeSpan limit, CancellationToken cancellation) => _signal.WaitAsync(limit, time, cancellation);

    /// <summary>
    /// The library subscribes anew by itself after a reconnect, but a connection that was given up took its subscriptions along. What was
    /// missed meanwhile, the next sync brings.
    /// </summary>
    public async Task SubscribeAsync()
    {
        if (channel.Link.Line is not { } line || ReferenceEquals(line, _subscribedOn))
        {
            return;
        }

        try
        {
            await channel.Link.SubscribeAsync(channel.Keys.Wake, OnMessage).WaitAsync(limits.CallTimeout, time);
            _subscribedOn = line;
            _unheard = null;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or IOException)
        {
            // Without it every invalidation arrives with the next sync. Tried again in each round, and said once.
            if (_unheard != exception.Message)
            {
                _unheard = exception.Message;
                logger.NotSubscribed(exception.GetType().Name);
            }
        }
    }

    private void OnMessage(RedisValue message)
    {
        var parts = ((string?)message ?? "").Split(' ');
        if (parts.Length != 2 || !long.TryParse(parts[0], out var incarnation) || !long.TryParse(parts[1], out var epoch))
        {
            metrics.Garbage();
            return;
        }

        var position = replica.Position;
        if (incarnation != position.Incarnation || epoch > position.Applied)
        {
            _signal.Set();
        }
    }
}
