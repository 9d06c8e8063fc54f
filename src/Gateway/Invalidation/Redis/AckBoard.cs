namespace CacheGateway.Invalidation.Redis;

/// <summary>Who waits for other nodes, and for what. Looked through at every sync.</summary>
internal sealed class AckBoard(BusLimits limits)
{
    private readonly Lock _gate = new();
    private readonly List<AckWait> _waits = [];
    private long _syncs;
    private TimeSpan _pause = limits.SyncWhileWaiting;

    /// <summary>How long until the next sync: soon after somebody began to wait, then less and less soon.</summary>
    public TimeSpan NextPause()
    {
        lock (_gate)
        {
            if (_waits.Count == 0)
            {
                return limits.SyncEvery;
            }

            var pause = _pause;
            _pause = pause * 2 < limits.MostWhileWaiting ? pause * 2 : limits.MostWhileWaiting;
            return pause;
        }
    }

    public AckWait Add(long incarnation, long epoch)
    {
        lock (_gate)
        {
            var wait = new AckWait(incarnation, epoch, _syncs + 1);
            _waits.Add(wait);
            _pause = limits.SyncWhileWaiting;
            return wait;
        }
    }

    /// <summary>A sync is about to be sent; gives its number.</summary>
    public long Sending()
    {
        lock (_gate)
        {
            return ++_syncs;
        }
    }

    public void Remove(AckWait wait)
    {
        lock (_gate)
        {
            _waits.Remove(wait);
        }
    }

    /// <summary>A sync was answered: those look who waited when it was sent.</summary>
    public void Look(SyncReply reply, long number)
    {
        AckWait[] waits;
        lock (_gate)
        {
            waits = [.. _waits];
        }

        foreach (var wait in waits)
        {
            if (number >= wait.Since)
            {
                wait.Look(reply);
            }
        }
    }
}

/// <summary>One receipt that waits for every live node.</summary>
internal sealed class AckWait(long incarnation, long epoch, long since)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AckStatus _status = new([], [], false);

    /// <summary>Syncs numbered lower were sent before the raise.</summary>
    public long Since { get; } = since;

    public Task All => _all.Task;

    public AckStatus Status => Volatile.Read(ref _status);

    public void Look(SyncReply reply)
    {
        var done = reply.Nodes.Where(node => HasApplied(node, reply.Incarnation)).ToList();
        var missing = reply.Nodes.Where(node => !HasApplied(node, reply.Incarnation)).ToList();
        Volatile.Write(ref _status, new AckStatus([.. done.Select(node => new NodeEpoch(node.Name, node.Applied))], [.. missing.Select(node => node.Name)], true));
        if (missing.TrueForAll(node => node.Instance == LiveNode.Forgotten))
        {
            // Of whoever that is nothing will be heard: no use to wait for it.
            _all.TrySetResult();
        }
    }

    /// <summary>A node in a later incarnation holds nothing that is older than it.</summary>
    private bool HasApplied(LiveNode node, long current) =>
        node.Incarnation == incarnation ? node.Applied >= epoch : current != incarnation && node.Incarnation == current;
}

/// <param name="Applied">By their own report.</param>
/// <param name="Missing">Live, and not yet there.</param>
/// <param name="IsKnown">Whether Redis was asked at all since the raise.</param>
internal sealed record AckStatus(IReadOnlyList<NodeEpoch> Applied, IReadOnlyList<string> Missing, bool IsKnown);
