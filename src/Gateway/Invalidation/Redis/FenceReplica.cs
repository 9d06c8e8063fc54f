using System.Security.Cryptography;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// This node's copy of the fence, fed by what the connection brings and by nothing else: no I/O and no clock here. It knows which incarnation
/// the node lives in and up to which epoch the stream was applied without a hole; it writes to <see cref="TagEpochs"/>, which answers requests.
/// <para>
/// Shared epochs are at least <see cref="Step"/> apart. The numbers between belong to invalidations made here while Redis was away: they order
/// them against this node's own fetches, and lie below every epoch that anyone raises later.
/// </para>
/// </summary>
internal sealed class FenceReplica
{
    /// <summary>As in the scripts.</summary>
    internal const long Step = 1024;

    private readonly Lock _gate = new();
    private readonly TagEpochs _epochs;
    private FencePosition _position = FencePosition.None;
    private long _floor;
    private bool _isJoined;
    private bool _hasJournal;
    private bool _hasWaitingEvent;
    private bool _isLeftBehind;
    private long? _eventTakenAt;

    public FenceReplica(TagEpochs epochs)
    {
        _epochs = epochs;
        Leave();
    }

    public FencePosition Position => Volatile.Read(ref _position);

    /// <summary>Holes found in the stream; each has killed everything this node held before it is counted: who reads of it gets nothing of before.</summary>
    public long Gaps
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    }

    /// <summary>Entries that are not ours.</summary>
    public long Garbage { get; private set; }

    /// <summary>Incarnations begun under this node.</summary>
    public long Incarnations { get; private set; }

    /// <summary>How often an invalidation made here had no place among the epochs of the others: then this node lives on its own, and nothing that it held is alive.</summary>
    public long Departures
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    }

    /// <summary>Marks kept by name.</summary>
    public int Marks => _epochs.Marks;

    /// <summary>Whether something that was raised here still has to be raised for everybody.</summary>
    public bool HasJournal
    {
        get => _hasJournal;
        set
        {
            lock (_gate)
            {
                _hasJournal = value;
                TellUntold();
            }
        }
    }

    /// <summary>Whether an event holds here that the stream keeps for everybody, and Redis does not take yet.</summary>
    public bool HasWaitingEvent
    {
        get => _hasWaitingEvent;
        set
        {
            lock (_gate)
            {
                _hasWaitingEvent = value;
                _eventTakenAt = null;
                TellUntold();
            }
        }
    }

    /// <summary>Another gateway has raised the event that waits here: it waits no more once a sync that was sent after <paramref name="knownAt"/> has brought that.</summary>
    public void WaitingEventIsTaken(long knownAt)
    {
        lock (_gate)
        {
            _eventTakenAt ??= knownAt;
        }
    }

    /// <summary>Takes a sync's answer. Again, late or out of order makes no difference.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="asked">The position it was asked from.</param>
    /// <param name="isWhole">Whether it brought all there was.</param>
    public FenceStep Take(SyncReply reply, FencePosition asked, bool isWhole)
    {
        lock (_gate)
        {
            if (asked.Incarnation != _position.Incarnation)
            {
                return FenceStep.More;
            }

            if (reply.Incarnation != _position.Incarnation)
            {
                Enter(reply);
                return FenceStep.Join;
            }

            if (reply.Floor > _floor)
            {
                _floor = reply.Floor;
                _epochs.Mark(_floor, ScopeText.Everything);
            }

            var isContiguous = true;
            foreach (var entry in reply.Entries)
            {
                _position = _position with { Cursor = entry.Id };
                if (!entry.IsOurs)
                {
                    Garbage++;
                }
                else if (entry.Epoch > _position.Applied)
                {
                    isContiguous = entry.Previous == _position.Applied;
                    if (!isContiguous)
                    {
                        break;
                    }

                    _epochs.Apply(entry.Epoch, entry.Scope);
                    _position = _position with { Applied = entry.Epoch };
                }
            }

            if (!isContiguous || (isWhole && _position.Applied < reply.Newest))
            {
                SkipTo(reply);
            }

            return isWhole || !isContiguous ? _isJoined ? FenceStep.Complete : FenceStep.Join : FenceStep.More;
        }
    }

    /// <summary>Takes marks that stood in Redis when this node joined.</summary>
    public void TakeMarks(long incarnation, IPastRaises marks)
    {
        lock (_gate)
        {
            if (incarnation == _position.Incarnation)
            {
                _epochs.Mark(marks);
            }
        }
    }

    /// <summary>All marks of the incarnation were taken. The next whole sync completes the join: it brings what was raised meanwhile.</summary>
    public void Joined(long incarnation)
    {
        lock (_gate)
        {
            _isJoined = incarnation == _position.Incarnation;
        }
    }

    /// <summary>
    /// Everything raised before <paramref name="sentAt"/> is applied, as a sync sent then has proven. Not if another incarnation began since.
    /// </summary>
    public void Prove(long incarnation, long sentAt)
    {
        lock (_gate)
        {
            if (incarnation == _position.Incarnation && _isJoined)
            {
                _epochs.ProvenAt = sentAt;
                if (sentAt > _eventTakenAt)
                {
                    (_hasWaitingEvent, _eventTakenAt) = (false, null);
                    TellUntold();
                }
            }
        }
    }

    /// <summary>
    /// Applies what this node raised itself. False when something raised before is still missing here: then the marks hold, but the epoch counts as applied only
    /// when the stream brings the rest. What was done before, by this node or another, has the epoch of that time: its marks hold, and how far this node is stays as it is.
    /// </summary>
    /// <param name="reply">The answer.</param>
    /// <param name="asked">The position it was raised from.</param>
    /// <param name="scope">What was raised.</param>
    public bool TakeOwn(RaiseReply reply, FencePosition asked, InvalidationScope scope)
    {
        lock (_gate)
        {
            if (reply.Incarnation != _position.Incarnation)
            {
                if (reply.Incarnation != asked.Incarnation)
                {
                    // The fence began another life, which the next sync brings here. Until then the marks must hold in this one. (What was raised in a life that this node has
                    // left since is older than everything in the present one.)
                    _isLeftBehind = true;
                    TellUntold();
                }

                RaiseLocally(scope);
                return false;
            }

            _epochs.Mark(reply.Epoch, scope);
            if (!reply.IsRepeated && reply.Previous == _position.Applied)
            {
                _epochs.Advance(reply.Epoch);
                _position = _position with { Applied = reply.Epoch };
            }

            return reply.Epoch <= _position.Applied;
        }
    }

    /// <summary>Raises on this node alone, while Redis is away. Gives the epoch, which nobody else will ever see.</summary>
    public long RaiseLocally(InvalidationScope scope)
    {
        lock (_gate)
        {
            if (_position.Incarnation != 0)
            {
                // What came from a node that is further has an epoch above any that can be given here, and may be older all the same.
                if (_epochs.Furthest <= _position.Applied && _epochs.RaiseBelow(_position.Applied + Step, scope) is { } epoch)
                {
                    return epoch;
                }

                // That, or more than fit between two epochs: a life of its own, with nothing in it.
                Leave();
                Departures++;
            }

            return _epochs.Raise(scope);
        }
    }

    private void Enter(SyncReply reply)
    {
        // Without its marks an incarnation cannot be judged: nothing stored is served until they were read.
        _epochs.ProvenAt = TagEpochs.Never;
        _epochs.Begin(reply.Incarnation, reply.Floor, reply.Newest);
        _isLeftBehind = false;
        TellUntold();
        if (_hasJournal || _hasWaitingEvent)
        {
            // Its marks are not among those of this life before it is raised again; it may be the life that this node left a while ago.
            _epochs.RaiseBelow(reply.Newest + Step, ScopeText.Everything);
        }

        _floor = reply.Floor;
        _position = new FencePosition(reply.Incarnation, reply.Newest, $"{reply.Newest}-0") { Last = reply.Incarnation };
        _isJoined = false;
        Incarnations++;
    }

    private void TellUntold() => _epochs.HasUntold = _hasJournal || _hasWaitingEvent || _isLeftBehind;

    private void Leave()
    {
        _epochs.ProvenAt = TagEpochs.Never;
        _epochs.Begin(-(RandomNumberGenerator.GetInt32(int.MaxValue) * (1L << 31)) - RandomNumberGenerator.GetInt32(int.MaxValue) - 1, 0, 0);
        _position = FencePosition.None with { Last = _position.Last };
        _isJoined = false;
    }

    private void SkipTo(SyncReply reply)
    {
        var newest = Math.Max(reply.Newest, reply.Entries.Count == 0 ? 0 : reply.Entries.Max(entry => entry.Epoch));
        _epochs.Mark(newest, ScopeText.Everything);
        _epochs.Advance(newest);
        _position = _position with { Applied = newest, Cursor = $"{newest}-0" };
        Gaps++;
    }
}

/// <summary>What follows from a sync.</summary>
internal enum FenceStep
{
    /// <summary>This node has everything that was raised before the sync was sent.</summary>
    Complete,

    /// <summary>There is more to read.</summary>
    More,

    /// <summary>Another incarnation: read its marks, then sync again.</summary>
    Join,
}

/// <summary>How far this node is.</summary>
/// <param name="Incarnation">0 = on its own.</param>
/// <param name="Applied">The highest epoch up to which every entry was applied in order.</param>
/// <param name="Cursor">The last id read from the stream.</param>
internal sealed record FencePosition(long Incarnation, long Applied, string Cursor)
{
    public static readonly FencePosition None = new(0, 0, "0-0");

    /// <summary>The incarnation this process was in last, however it is on its own now; 0 = none.</summary>
    public long Last { get; init; }
}
