using CacheGateway.Diagnostics;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Policies;
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

    /// <summary>Between two looks while Redis does not take what an entry raises.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>What is said on the channel and being raised at once.</summary>
    private const int MostTaken = 32;

    /// <summary>Messages of the channel that wait; what is more is raised at once, as far as that goes: on this node it holds in any case.</summary>
    private const int MostWaiting = 4096;

    private readonly AsyncSignal _wake = new();
    private readonly SemaphoreSlim _taking = new(MostTaken);
    private int _waitingMessages;
    private object? _subscribedOn;
    private string? _waiting;
    private string? _told;
    private string? _unheard;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Every;
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

                    Tell(stream.Problem);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                logger.SyncFailed(exception);
            }

            try
            {
                pause = _waiting is null ? Every : pause * 2 < Longest ? pause * 2 : Longest;
                await _wake.WaitAsync(pause, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Says a problem once, and anew when it comes again.</summary>
    private void Tell(string? problem)
    {
        if (problem is not null && problem != _told)
        {
            logger.EventsRefused(name.Value, problem);
        }

        _told = problem;
    }

    /// <summary>One batch. True when there may be more.</summary>
    private async Task<bool> ReadAsync(CancellationToken stopping)
    {
        var incarnation = replica.Position.Incarnation;
        var table = scopes.Table;
        var rules = table.EventRules;
        if (await stream.PlaceAsync(rules) is not { } place)
        {
            return false;
        }

        if (await stream.ReadAsync(place.From) is not { } entries || await stream.LossAsync(place.Cursor) is not var (why, next))
        {
            return false;
        }

        if (why is not null)
        {
            var lost = $"events lost: {why}";
            if (_waiting != lost && why != EventStream.Unsure)
            {
                logger.EventsLost(why);
            }

            if (!await RaiseAsync(new InvalidationOrder { Id = Invalidator.NewId(), Scope = ScopeText.Everything, Source = InvalidationSource.Event, Reason = lost }, lost, stopping))
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

        if (entries.Count == 0)
        {
            Wait(null);
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
            else if (!stream.IsDealtWith(entry, rules) && OrderOf(table, entry.Message, $"stream:{entry.Id}") is { } order && !await RaiseAsync(order, entry.Id, stopping))
            {
                return false;
            }

            if (!await stream.MoveAsync(rules, incarnation, entry.Id, back: false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// False when Redis did not take it. Then it holds on this node, once, and nothing is journaled: the stream keeps what asked for it, and is read again.
    /// </summary>
    private async Task<bool> RaiseAsync(InvalidationOrder order, string cause, CancellationToken stopping)
    {
        var receipt = await invalidator.RaiseAsync(order with { Fallback = _waiting == cause ? InvalidationFallback.None : InvalidationFallback.Here }, stopping);
        Wait(receipt.Durable ? null : cause);
        return receipt.Durable;
    }

    /// <summary>For what; null = nothing any more. It holds here all the while, and what others stored may be older, until a sync brings what was raised instead, here or by another.</summary>
    private void Wait(string? cause)
    {
        _waiting = cause;
        if (cause is not null)
        {
            replica.HasWaitingEvent = true;
        }
        else if (replica.HasWaitingEvent)
        {
            replica.WaitingEventIsTaken(Instant.MonotonicNow(time));
        }
    }

    /// <summary>Null where it raises nothing.</summary>
    private InvalidationOrder? OrderOf(CachePolicyTable table, EventMessage message, string? once) => !scopes.TryMap(table, message, out var scope, out _) ? null : new InvalidationOrder
    {
        Id = Invalidator.NewId(),
        Scope = scope,
        Source = InvalidationSource.Event,
        Reason = message.Event,
        Once = message.Once ?? once,
    };

    /// <summary>Of the channel, which keeps nothing. As many as are said at once are raised some at a time, and leave room for others.</summary>
    private async Task TakeAsync(EventMessage message)
    {
        var mayWait = Interlocked.Increment(ref _waitingMessages) <= MostWaiting;
        if (mayWait)
        {
            await _taking.WaitAsync();
        }

        try
        {
            if (OrderOf(scopes.Table, message, once: null) is { } order)
            {
                await invalidator.RaiseAsync(order, CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            logger.SyncFailed(exception);
        }
        finally
        {
            Interlocked.Decrement(ref _waitingMessages);
            if (mayWait)
            {
                _taking.Release();
            }
        }
    }

    private async Task SubscribeAsync()
    {
        // A connection that was given up took its subscriptions along.
        if (connection.Line is not { } line || ReferenceEquals(line, _subscribedOn))
        {
            return;
        }

        try
        {
            await connection.SubscribeAsync(new RedisChannel(name.Value, RedisChannel.PatternMode.Literal), OnMessage);
            _subscribedOn = line;
            _unheard = null;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or IOException)
        {
            // Tried again four times a second.
            if (_unheard != exception.Message)
            {
                _unheard = exception.Message;
                logger.NotSubscribedToEvents(name.Value, exception.GetType().Name);
            }
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

        ThreadPool.UnsafeQueueUserWorkItem(state => _ = state.Consumer.TakeAsync(state.Message), (Consumer: this, Message: message), preferLocal: false);
    }
}

/// <summary>The stream and channel on which backends publish.</summary>
internal sealed record EventChannelName(string Value);
