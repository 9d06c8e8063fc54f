using System.Text.Json;
using System.Threading.Channels;

namespace CacheGateway.Operations;

/// <summary>
/// What happens, told to whoever listens: alerts, invalidations, reloads, the numbers of each slot. A listener that is slow loses the oldest,
/// and there are so many of them and no more.
/// </summary>
internal sealed class LiveFeed(TimeProvider time)
{
    /// <summary>32 from outside, and the dashboard's own.</summary>
    private const int MostListeners = 33;
    private const int MostWaiting = 256;

    private readonly Lock _gate = new();
    private volatile Channel<LiveEvent>[] _listeners = [];
    private long _number;

    public void Publish(string kind, object data)
    {
        var listeners = _listeners;
        if (listeners.Length == 0)
        {
            return;
        }

        var happened = new LiveEvent(Interlocked.Increment(ref _number), kind, time.GetUtcNow(), JsonSerializer.SerializeToElement(data, data.GetType(), JsonSerializerOptions.Web));
        foreach (var listener in listeners)
        {
            listener.Writer.TryWrite(happened);
        }
    }

    /// <summary>What happens from now on; null = there are too many listeners already.</summary>
    public LiveSubscription? Subscribe()
    {
        lock (_gate)
        {
            if (_listeners.Length >= MostListeners)
            {
                return null;
            }

            var channel = Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
            _listeners = [.. _listeners, channel];
            return new LiveSubscription(channel.Reader, () => Leave(channel));
        }
    }

    private void Leave(Channel<LiveEvent> channel)
    {
        lock (_gate)
        {
            _listeners = Array.FindAll(_listeners, other => other != channel);
        }
    }
}

internal sealed class LiveSubscription(ChannelReader<LiveEvent> events, Action leave) : IDisposable
{
    public ChannelReader<LiveEvent> Events => events;

    public void Dispose() => leave();
}

/// <param name="Number">Counts up; a gap says that some were lost.</param>
/// <param name="Kind">alert, alert-ended, event-ignored, invalidation, policies, traffic, warming.</param>
/// <param name="At">When.</param>
/// <param name="Data">By kind.</param>
internal sealed record LiveEvent(long Number, string Kind, DateTimeOffset At, JsonElement Data);
