using CacheGateway.Diagnostics;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Events;

/// <summary>
/// Reads what backends publish: the stream (each event at least once by each set of rules, the place moves on only when the invalidation is durable)
/// and the channel of the same name (best effort: what is said while nobody listens is lost). Several gateways read the same; what an event with an
/// id, or an entry of the stream, raises is raised by whichever is first.
/// </summary>
internal sealed class EventConsumer(
    EventStream stream, EventScopes scopes, Invalidator invalidator, FenceReplica replica, RedisConnection connection, EventChannelName name,
    BusMetrics metrics, TimeProvider time, ILogger<EventConsumer> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    private readonly AsyncSignal _wake = new();
    private object? _subscribedOn;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SubscribeAsync();
                if (replica.Position.Incarnation != 0)
                {
                    while (await ReadAsync(stoppingToken))
                    {
                    }
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                logger.SyncFailed(exception);
            }

            try
            {
                await _wake.WaitAsync(Every, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One batch. True when there may be more.</summary>
    private async Task<bool> ReadAsync(CancellationToken stopping)
    {
        var incarnation = replica.Position.Incarnation;
        var rules = scopes.Rules;
        if (await stream.PlaceAsync(rules) is not { } place)
        {
            return false;
        }

        var entries = await stream.ReadAsync(place.From);
        if (await stream.LossAsync(place.Cursor) is not var (why, next))
        {
            return false;
        }

        if (why is not null)
        {
            logger.EventsLost(why);
            var receipt = await invalidator.RaiseAsync(
                new InvalidationOrder { Id = Invalidator.NewId(), Scope = ScopeText.Everything, Source = InvalidationSource.Event, Reason = $"events lost: {why}" }, stopping);
            if (!receipt.Durable)
            {
                return false;
            }

            if (next != place.Cursor)
            {
                // What is there now is read in the next round, with a look for losses of its own.
                await stream.MoveAsync(rules, incarnation, next, back: true);
                return false;
            }
        }

        if (entries is not { Count: > 0 })
        {
            if (place.IsNew)
            {
                // Noted now: others go on, and what they pass says nothing to them, but may to these rules.
                await stream.MoveAsync(rules, incarnation, place.Cursor, back: false);
            }

            return false;
        }

        foreach (var entry in entries)
        {
            if (entry.Message is null)
            {
                metrics.Garbage();
                scopes.Ignore(entry.Error!);
            }
            else if (!await TakeAsync(entry.Message, $"stream:{entry.Id}", stopping))
            {
                return false;
            }

            if (scopes.Rules != rules)
            {
                // Reloaded meanwhile: which rules it was mapped by nobody knows, so both read it again.
                return true;
            }

            await stream.MoveAsync(rules, incarnation, entry.Id, back: false);
        }

        return true;
    }

    /// <summary>False when Redis did not take it: it comes again.</summary>
    private async Task<bool> TakeAsync(EventMessage message, string? once, CancellationToken stopping)
    {
        if (!scopes.TryMap(message, out var scope, out _))
        {
            return true;
        }

        var order = new InvalidationOrder
        {
            Id = Invalidator.NewId(),
            Scope = scope,
            Source = InvalidationSource.Event,
            Reason = message.Event,
            Once = message.Once ?? once,
        };
        return (await invalidator.RaiseAsync(order, stopping)).Durable;
    }

    private async Task SubscribeAsync()
    {
        // A connection that was given up took its subscriptions along.
        if (connection.Subscriber is not { } subscriber || ReferenceEquals(subscriber.Multiplexer, _subscribedOn))
        {
            return;
        }

        try
        {
            await subscriber.SubscribeAsync(new RedisChannel(name.Value, RedisChannel.PatternMode.Literal), (_, message) => OnMessage(message))
                .WaitAsync(TimeSpan.FromSeconds(1), time);
            _subscribedOn = subscriber.Multiplexer;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            logger.NotSubscribed(exception.GetType().Name);
        }
    }

    /// <summary>On a thread of the client library: reads the message, and leaves the rest to the pool.</summary>
    private void OnMessage(RedisValue value)
    {
        _wake.Set();
        byte[]? bytes = value;
        if (!EventMessage.TryParse(bytes ?? [], out EventMessage? message, out var error))
        {
            metrics.Garbage();
            scopes.Ignore(error);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            state => _ = state.Consumer.TakeAsync(state.Message, null, CancellationToken.None), (Consumer: this, Message: message), preferLocal: false);
    }
}

/// <summary>The stream and channel on which backends publish.</summary>
internal sealed record EventChannelName(string Value);
