using System.Globalization;
using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Invalidations among gateways that share a Redis. The stream is the truth; pub/sub only says that it is worth a look; a sync every half
/// second proves that nothing is missing, and while no proof comes this node turns blind by itself (<see cref="TagEpochs.IsTrusted(long)"/>).
/// <code>
///   raise ──► script: epoch, marks, stream, PUBLISH ──► wake ──► sync: entries after mine, who is live, how far they are ──► TagEpochs
///     └─ Redis away: raised here, journaled, raised again with a new epoch at the first answered sync
/// </code>
/// One loop does all reading, so that answers are taken in order. It begins beside the rest of the gateway's start, which waits for it two seconds at most.
/// </summary>
internal sealed class RedisInvalidationBus(
    FenceChannel channel, FenceReplica replica, TagEpochs epochs, BusLimits limits, NodeName node, BusMetrics metrics, TimeProvider time,
    ILogger<RedisInvalidationBus> logger, ReplicaWait? replicas = null) : BackgroundService, IInvalidationBus
{
    private readonly WakeLine _wake = new(channel, replica, limits, metrics, time, logger);
    private readonly FenceJoin _join = new(channel, replica, time, logger);
    private readonly JournalReplay _journal = new(new Journal(limits.MaxJournal, waits => replica.HasJournal = waits), channel, replica, limits, metrics, time);
    private readonly AckBoard _acks = new(limits);
    private readonly Pace _local = new(time);
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<LiveNode> _peers = [];
    private string? _refused;
    private long _gaps;
    private long _departures;
    private bool _hasSynced;
    private long _heardAt;
    private int _most = limits.MaxEntries;
    private Task? _begun;

    public IReadOnlyList<string> Warnings
    {
        get
        {
            var warnings = new List<string>();
            if (!epochs.IsTrusted(Instant.MonotonicNow(time)))
            {
                var since = Volatile.Read(ref _hasSynced) ? string.Create(CultureInfo.InvariantCulture, $"for {epochs.MaxBlind.TotalSeconds:0.#} s") : "since the start";
                warnings.Add($"blind: no answered sync {since} ({channel.Link.Problem ?? channel.LastError ?? "not joined yet"}); stored responses are validated");
            }

            if (_join.MayEvictFence)
            {
                warnings.Add($"Redis evicts with {_join.Eviction}: it may drop the fence, and then everything stored is dead; use noeviction or volatile-*");
            }

            if (channel.Refused is { } refused)
            {
                warnings.Add($"Redis refuses a part of each invalidation ({refused}): see its rights; a message that is not sent arrives with the next sync");
            }

            if (_journal.Count > 0)
            {
                warnings.Add(_journal.Count == 1 ? "1 invalidation waits for Redis" : $"{_journal.Count} invalidations wait for Redis");
            }

            return warnings;
        }
    }

    /// <summary>Names this process among live nodes.</summary>
    public string Instance => channel.Instance;

    /// <summary>Live nodes at the last answered sync.</summary>
    public IReadOnlyList<LiveNode> Peers => Volatile.Read(ref _peers);

    /// <summary>The connection came back, or somebody spoke: look at once.</summary>
    public void Wake() => _wake.Wake();

    /// <summary>Begins to connect and to join; once, and before the gateway is started or with it. There is much to read from Redis, and as much to make here meanwhile.</summary>
    public Task BeginAsync()
    {
        if (_begun is null)
        {
            NodeInstance.Own[channel.Instance] = true;
            _heardAt = Instant.MonotonicNow(time);
            metrics.Read(replica, _journal, () => epochs.IsTrusted(Instant.MonotonicNow(time)), () => TimeSpan.FromMilliseconds(Math.Max(0, Instant.MonotonicNow(time) - Volatile.Read(ref _heardAt))));
            channel.Link.Connected += Wake;
            channel.Link.Start();
            _begun = base.StartAsync(CancellationToken.None);
        }

        return _begun;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await BeginAsync();
        // Whoever asks at once should find a node that knows where it is; but nobody waits for a Redis that is away.
        // By the machine's clock too: the connection's own limits know no other.
        await Task.WhenAny(_joined.Task, Task.Delay(limits.StartWait, time, cancellationToken), Task.Delay(limits.StartWait, cancellationToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        channel.Link.Connected -= Wake;
        // The server has stopped before this: no request will be answered from here any more.
        epochs.ProvenAt = TagEpochs.Never;
        await channel.LeaveAsync(channel.Instance);
        NodeInstance.Own.TryRemove(channel.Instance, out _);
    }

    public async Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
    {
        var asked = replica.Position;
        if (await channel.RaiseAsync(order, asked) is not { } reply)
        {
            if (order.Fallback == InvalidationFallback.None)
            {
                return new InvalidationReceipt(order.Id, asked.Applied, false, [], []) { IsRepeated = true };
            }

            // Known before it holds here: what others stored must not come in between.
            if (order.Fallback is InvalidationFallback.Journal or InvalidationFallback.Tell)
            {
                _journal.Add(order);
            }
            else
            {
                replica.HasWaitingEvent = true;
            }

            // There are few epochs that only this node has: they are for what it may hold.
            var local = order.Fallback == InvalidationFallback.Tell ? epochs.Applied : replica.RaiseLocally(order.Scope);
            metrics.NotDurable();
            if (_local.TryTell(out var untold))
            {
                logger.RaisedLocally(order.Source.ToString(), channel.LastError ?? "unknown", untold);
            }

            TellOfDeparture();

            return new InvalidationReceipt(order.Id, local, false, [new NodeEpoch(node.Value, local)], order.Wait == InvalidationWait.All ? Others() : []);
        }

        // What another gateway was first to raise holds here from now on as well, before the sync brings it.
        if (!replica.TakeOwn(reply, asked, order.Scope))
        {
            TellOfDeparture();
            _wake.Wake();
        }

        var replicated = replicas is null || order.Wait == InvalidationWait.None || reply.IsRepeated ? null : replicas.AskAsync(reply.Replicas);
        var receipt = order.Wait == InvalidationWait.All
            ? await WaitForAllAsync(order, reply, cancellation)
            : new InvalidationReceipt(order.Id, reply.Epoch, true, [new NodeEpoch(node.Value, reply.Epoch)], []) { IsRepeated = reply.IsRepeated };
        return replicated is null ? receipt : receipt with { Replicas = await replicated };
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = limits.SyncEvery;
            try
            {
                await _wake.SubscribeAsync();
                while (await SyncAsync())
                {
                }

                if (epochs.IsTrustedNow)
                {
                    _joined.TrySetResult();
                }

                pause = _acks.NextPause();
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // A loop that ends would leave this node blind for good.
                logger.SyncFailed(exception);
            }

            try
            {
                await _wake.WaitAsync(pause, stoppingToken);
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
        var most = _most;
        if (await channel.SyncAsync(asked, epochs.MaxBlind + limits.LiveMargin, most) is not { } reply)
        {
            // Entries may be large, and who was away for long would ask in vain for all of them, over and over.
            _most = Math.Max(1, most / 2);
            return false;
        }

        _most = Math.Min(limits.MaxEntries, most * 2);
        switch (replica.Take(reply, asked, reply.Entries.Count < most))
        {
            case FenceStep.Join:
                return await _join.JoinAsync(reply);
            case FenceStep.More:
                return true;
        }

        replica.Prove(asked.Incarnation, sentAt);
        Volatile.Write(ref _hasSynced, true);
        Volatile.Write(ref _peers, reply.Nodes);
        Volatile.Write(ref _heardAt, sentAt);
        _acks.Look(reply, number);
        if (replica.Gaps != _gaps)
        {
            _gaps = replica.Gaps;
            logger.StreamGap(reply.Newest);
        }

        var refused = channel.Refused;
        if (refused is not null && refused != _refused)
        {
            logger.RaisedInPart(refused);
        }

        _refused = refused;
        await _join.LookAgainAsync();
        return await _journal.RunAsync() || replica.Position.Applied != asked.Applied;
    }

    /// <summary>Said where it happens: the next answered sync may be long in coming.</summary>
    private void TellOfDeparture()
    {
        var departures = replica.Departures;
        if (Interlocked.Exchange(ref _departures, departures) < departures)
        {
            logger.LeftTheFence(FenceReplica.Step - 1);
        }
    }

    private async Task<InvalidationReceipt> WaitForAllAsync(InvalidationOrder order, RaiseReply reply, CancellationToken cancellation)
    {
        var wait = _acks.Add(reply.Incarnation, reply.Epoch);
        try
        {
            _wake.Wake();
            await wait.All.WaitAsync(order.Timeout, time, cancellation);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The receipt says who is missing. Where whoever asked did not wait for it, what was raised is raised, and others are told of it all the same.
        }
        finally
        {
            _acks.Remove(wait);
        }

        var status = wait.Status;
        return new InvalidationReceipt(
            order.Id, reply.Epoch, true,
            status.IsKnown ? status.Applied : [new NodeEpoch(node.Value, replica.Position.Applied)],
            status.IsKnown ? status.Missing : Others())
        {
            IsRepeated = reply.IsRepeated,
        };
    }

    /// <summary>Who was live when Redis was last heard. A node that knows of nobody may be new, and says so: it cannot know that it is alone.</summary>
    private IReadOnlyList<string> Others() =>
        [.. Peers.Where(peer => peer.Instance != channel.Instance).Select(peer => peer.Name).DefaultIfEmpty(InvalidationReceipt.Unknown)];
}
