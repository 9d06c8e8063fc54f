using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Storage;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Invalidations among gateways that share a Redis. The stream is the truth; pub/sub only says that it is worth a look; a sync every half
/// second proves that nothing is missing, and while no proof comes this node turns blind by itself (<see cref="TagEpochs.IsTrusted(long)"/>).
/// <code>
///   raise ──► script: epoch, marks, stream, PUBLISH ──► wake ──► sync: entries after mine, who is live, how far they are ──► TagEpochs
///     └─ Redis away: raised here, journaled, raised again with a new epoch at the first answered sync
/// </code>
/// One loop does all reading, so that answers are taken in order. Started with the gateway, which waits for it two seconds at most.
/// </summary>
internal sealed class RedisInvalidationBus(
    FenceChannel channel, FenceReplica replica, TagEpochs epochs, BusLimits limits, NodeName node, ReplicaWait replicas, BusMetrics metrics, TimeProvider time,
    ILogger<RedisInvalidationBus> logger) : BackgroundService, IInvalidationBus
{
    private readonly AsyncSignal _wake = new();
    private readonly AckBoard _acks = new();
    private readonly Journal _journal = new(limits.MaxJournal);
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<LiveNode> _peers = [];
    private string _eviction = "";
    private object? _subscribedOn;
    private long _gaps;

    public IReadOnlyList<string> Warnings
    {
        get
        {
            var warnings = new List<string>();
            if (!epochs.IsTrusted(Instant.MonotonicNow(time)))
            {
                warnings.Add($"blind: no answered sync for {epochs.MaxBlind.TotalSeconds:0.#} s ({channel.LastError ?? "not joined yet"}); stored responses are validated");
            }

            if (_eviction.StartsWith("allkeys", StringComparison.Ordinal))
            {
                warnings.Add($"Redis evicts with {_eviction}: it may drop the fence, and then everything stored is dead; use noeviction or volatile-*");
            }

            if (_journal.Count > 0)
            {
                warnings.Add($"{_journal.Count} invalidations wait for Redis");
            }

            return warnings;
        }
    }

    /// <summary>Live nodes at the last answered sync.</summary>
    public IReadOnlyList<LiveNode> Peers => Volatile.Read(ref _peers);

    /// <summary>The connection came back, or somebody spoke: look at once.</summary>
    public void Wake() => _wake.Set();

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        NodeInstance.Own[channel.Instance] = true;
        metrics.Read(replica, _journal, () => epochs.IsTrusted(Instant.MonotonicNow(time)));
        channel.Connection.Connected += Wake;
        channel.Connection.Start();
        await base.StartAsync(cancellationToken);
        // Whoever asks at once should find a node that knows where it is; but nobody waits for a Redis that is away.
        await Task.WhenAny(_first.Task, Task.Delay(limits.StartWait, time, cancellationToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        channel.Connection.Connected -= Wake;
        // The server has stopped before this: no request will be answered from here any more.
        epochs.ProvenAt = long.MinValue / 2;
        await channel.LeaveAsync(channel.Instance);
        NodeInstance.Own.TryRemove(channel.Instance, out _);
    }

    public async Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
    {
        if (await channel.RaiseAsync(order, replica.Position) is not { } reply)
        {
            _journal.Add(order);
            var local = replica.RaiseLocally(order.Scope);
            metrics.NotDurable();
            logger.RaisedLocally(order.Source.ToString(), channel.LastError ?? "unknown");
            var others = order.Wait == InvalidationWait.All ? Peers.Where(peer => peer.Instance != channel.Instance).Select(peer => peer.Name).ToList() : [];
            return new InvalidationReceipt(order.Id, local, false, [new NodeEpoch(node.Value, local)], others);
        }

        if (!reply.IsRepeated && !replica.TakeOwn(reply, order.Scope))
        {
            _wake.Set();
        }

        var replicated = order.Wait == InvalidationWait.None || reply.IsRepeated ? Task.FromResult<int?>(null) : replicas.AskAsync(reply.Replicas);
        var receipt = order.Wait == InvalidationWait.All
            ? await WaitForAllAsync(order, reply, cancellation)
            : new InvalidationReceipt(order.Id, reply.Epoch, true, [new NodeEpoch(node.Value, reply.Epoch)], []) { IsRepeated = reply.IsRepeated };
        return receipt with { Replicas = await replicated };
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = limits.SyncEvery;
            try
            {
                await SubscribeAsync();
                while (await SyncAsync())
                {
                }

                _first.TrySetResult();
                pause = _acks.IsEmpty ? limits.SyncEvery : limits.SyncWhileWaiting;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A loop that ends would leave this node blind for good.
                logger.SyncFailed(exception);
            }

            try
            {
                await _wake.WaitAsync(pause, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One round. True = at once another: there is more to read or to report.</summary>
    private async Task<bool> SyncAsync()
    {
        var number = _acks.Sending();
        var sentAt = Instant.MonotonicNow(time);
        var asked = replica.Position;
        if (await channel.SyncAsync(asked, epochs.MaxBlind + limits.LiveMargin, Peers) is not { } reply)
        {
            return false;
        }

        switch (replica.Take(reply, asked, reply.Entries.Count < limits.MaxEntries))
        {
            case FenceStep.Join:
                return await JoinAsync(reply);
            case FenceStep.More:
                return true;
        }

        replica.Prove(asked.Incarnation, sentAt);
        Volatile.Write(ref _peers, reply.Nodes);
        _acks.Look(reply, number);
        if (replica.Gaps != _gaps)
        {
            _gaps = replica.Gaps;
            logger.StreamGap(reply.Newest);
        }

        return await ReplayAsync() || replica.Position.Applied != asked.Applied;
    }

    private async Task<bool> JoinAsync(SyncReply reply)
    {
        if (await channel.MarksAsync() is not { } marks)
        {
            return false;
        }

        foreach (var (epoch, scope) in marks)
        {
            replica.TakeMark(reply.Incarnation, epoch, scope);
        }

        replica.Joined(reply.Incarnation);
        logger.Joined(reply.Incarnation, reply.Newest, marks.Count);
        await LookAroundAsync(reply);
        return true;
    }

    /// <summary>What is worth knowing once for each incarnation: how the server evicts, and which nodes are dead for certain.</summary>
    private async Task LookAroundAsync(SyncReply reply)
    {
        _eviction = await channel.EvictionAsync() ?? _eviction;
        if (_eviction.StartsWith("allkeys", StringComparison.Ordinal))
        {
            logger.EvictionUnsafe(_eviction);
        }

        var gone = reply.Nodes.Where(peer => NodeInstance.IsGone(peer.Instance, channel.Instance)).Select(peer => peer.Instance).ToArray();
        if (gone.Length > 0)
        {
            await channel.LeaveAsync(gone);
        }
    }

    /// <summary>
    /// Raises for everybody what was raised here alone, some in each round: those who wait for this node to be as far as the others must not wait
    /// for all of it. True when something was.
    /// </summary>
    private async Task<bool> ReplayAsync()
    {
        var any = false;
        for (var count = 0; count < limits.MaxReplay && _journal.TryPeek(out var order); count++)
        {
            if (await channel.RaiseAsync(order, replica.Position) is not { } reply)
            {
                return any;
            }

            _journal.Remove(order);
            replica.TakeOwn(reply, order.Scope);
            metrics.Replayed();
            any = true;
        }

        return any;
    }

    /// <summary>
    /// The library subscribes anew by itself after a reconnect, but a connection that was given up took its subscriptions along. What was
    /// missed meanwhile, the next sync brings.
    /// </summary>
    private async Task SubscribeAsync()
    {
        if (channel.Connection.Subscriber is not { } subscriber || ReferenceEquals(subscriber.Multiplexer, _subscribedOn))
        {
            return;
        }

        try
        {
            await subscriber.SubscribeAsync(channel.Keys.Wake, (_, message) => OnWake(message)).WaitAsync(limits.CallTimeout, time);
            _subscribedOn = subscriber.Multiplexer;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Without it every invalidation arrives with the next sync.
            logger.NotSubscribed(exception.GetType().Name);
        }
    }

    private void OnWake(RedisValue message)
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
            _wake.Set();
        }
    }

    private async Task<InvalidationReceipt> WaitForAllAsync(InvalidationOrder order, RaiseReply reply, CancellationToken cancellation)
    {
        var wait = _acks.Add(reply.Incarnation, reply.Epoch);
        try
        {
            _wake.Set();
            await wait.All.WaitAsync(order.Timeout, time, cancellation);
        }
        catch (TimeoutException)
        {
            // The receipt says who is missing.
        }
        finally
        {
            _acks.Remove(wait);
        }

        var status = wait.Status;
        return new InvalidationReceipt(
            order.Id, reply.Epoch, true,
            status.IsKnown ? status.Applied : [new NodeEpoch(node.Value, replica.Position.Applied)],
            status.IsKnown ? status.Missing : [.. Peers.Where(peer => peer.Instance != channel.Instance).Select(peer => peer.Name).DefaultIfEmpty("?")])
        {
            IsRepeated = reply.IsRepeated,
        };
    }
}
