using CacheGateway.Interim;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// One fetch under way that may end in a stored response, and what its readers share. Made by <see cref="FillGate"/>, driven by
/// <see cref="OriginFetch"/> on a task of its own, left by readers as they please; it dies when the fetch ends.
/// </summary>
internal sealed class Fill : IDisposable
{
    private readonly TaskCompletionSource<FillHead?> _leader = new();
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TimeSpan _deserted;
    private readonly TimeProvider _time;
    private CancellationTokenSource? _end;
    private TimeSpan _limit = Timeout.InfiniteTimeSpan;
    private FillHead? _known;
    private StoredResponse? _stored;
    private TaskCompletionSource<FillHead>? _head;
    private TaskCompletionSource<StoredResponse?>? _done;
    private int _readers;
    private bool _leaderLeft;
    private bool _over;

    /// <param name="gateKey">What the fill is collapsed by.</param>
    /// <param name="key">The primary key.</param>
    /// <param name="policy">The policy in force.</param>
    /// <param name="validating">See <see cref="Validating"/>.</param>
    /// <param name="epoch">See <see cref="Epoch"/>.</param>
    /// <param name="background">See <see cref="IsBackground"/>.</param>
    /// <param name="deserted">Longest it goes on while nobody reads.</param>
    /// <param name="time">What measures that.</param>
    public Fill(string gateKey, CacheKey key, CachePolicy policy, StoredResponse? validating, FillEpoch epoch, bool background, TimeSpan deserted, TimeProvider time)
    {
        (_deserted, _time) = (deserted, time);
        GateKey = gateKey;
        Key = key;
        Policy = policy;
        Validating = validating;
        Epoch = epoch;
        IsBackground = background;
        if (background)
        {
            EndAfter(deserted);
        }
    }

    /// <summary>What requests have in common that may share it (<see cref="Pipeline.GateKey"/>): its key, and what else tells them apart.</summary>
    public string GateKey { get; }

    /// <summary>Counts the fills of this process in the order they began.</summary>
    public long Number { get; init; }

    /// <summary>Whether it was begun for all who want the key, and counts among the fills that there may be at once.</summary>
    public bool IsShared { get; init; }

    /// <summary>Under which the response would be stored.</summary>
    public CacheKey Key { get; }

    /// <summary>That was in force when it began: a reload changes nothing in it.</summary>
    public CachePolicy Policy { get; }

    /// <summary>It may be shared no more, and gave its place back; the gate's own, under its lock.</summary>
    public bool IsApart { get; set; }

    /// <summary>It goes on though nobody reads it, and is counted for that; the gate's own, under its lock.</summary>
    public bool IsLeft { get; set; }

    /// <summary>The fetch ended; the gate's own, under its lock.</summary>
    public bool HasEnded { get; set; }

    /// <summary>The stored response whose validators the fetch carries, or null.</summary>
    public StoredResponse? Validating { get; }

    /// <summary>The epoch this node had applied before the origin was asked.</summary>
    public FillEpoch Epoch { get; }

    /// <summary>Started for no client (stale-while-revalidate, warming).</summary>
    public bool IsBackground { get; }

    /// <summary>Who gets the interim responses that come before the head: the client that caused the fetch, where it can have them; set before the fetch starts.</summary>
    public InterimClient? Interim { get; set; }

    /// <summary>What has come of the body, for all who read it; null before its head, and for good where that brings none.</summary>
    public FillBody? Body { get; private set; }

    /// <summary>The place in the body of the client that caused the fetch, held for it from the first byte.</summary>
    public FillReader? LeaderReader { get; private set; }

    /// <summary>The finished response, stored or not, once the body is whole; set before the body completes.</summary>
    public StoredResponse? Finished { get; set; }

    /// <summary>What the head says, or the failure; null until it is known.</summary>
    public FillHead? KnownHead => Volatile.Read(ref _known);

    /// <summary>
    /// The same for the client that caused the fetch, which goes on where it is completed: an answer that came in one piece is sent by the
    /// thread that fetched it, after the fetch is over. Null where the client left before.
    /// </summary>
    public Task<FillHead?> LeaderHead => _leader.Task;

    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>Completes once <see cref="KnownHead"/> is. Made for those who wait: most fills have one client only.</summary>
    public Task<FillHead> HeadAsync()
    {
        lock (_gate)
        {
            return _known is { } known ? Task.FromResult(known) : (_head ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Completes when the fetch ended: the stored response, or null when nothing was stored.</summary>
    public Task<StoredResponse?> DoneAsync()
    {
        lock (_gate)
        {
            return _over ? Task.FromResult(_stored) : (_done ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Lets the client that caused the fetch go on without a head when it leaves; not on the thread that tells of it, which may be anybody's.</summary>
    public CancellationTokenRegistration LetLeaderGo(CancellationToken clientGone) => clientGone.UnsafeRegister(
        static fill => ThreadPool.UnsafeQueueUserWorkItem(static fill => fill._leader.TrySetResult(null), (Fill)fill!, preferLocal: false), this);

    /// <summary>The head is known. While the body is still to come, the client that caused the fetch goes on beside it.</summary>
    public void SetHead(FillHead head, FillBody? body, bool isWhole = false)
    {
        Body = body;
        if (!IsBackground)
        {
            LeaderReader = body?.Attach();
        }

        TaskCompletionSource<FillHead>? waiting;
        lock (_gate)
        {
            Interlocked.Exchange(ref _known, head);
            waiting = _head;
        }

        waiting?.TrySetResult(head);
        if (Volatile.Read(ref _leaderLeft))
        {
            LeaderReader?.Dispose();
        }

        if (!isWhole && !IsBackground)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static fill => fill.TellLeader(), this, preferLocal: false);
        }
    }

    /// <summary>Lets the client that caused the fetch go on, on this thread, unless it does already. Once <see cref="KnownHead"/> is there.</summary>
    public void TellLeader() => _leader.TrySetResult(_known);

    /// <summary>The client that caused the fetch is gone or served: its place in the body is free.</summary>
    public void LeaderLeft()
    {
        // A full fence, here and where the head becomes known: one of the two sides sees what the other wrote.
        Interlocked.Exchange(ref _leaderLeft, true);
        LeaderReader?.Dispose();
    }

    /// <summary>The fetch ended: there is nothing left to cancel.</summary>
    public void SetDone(StoredResponse? stored)
    {
        TaskCompletionSource<StoredResponse?>? waiting;
        lock (_gate)
        {
            _stored = stored;
            _over = true;
            waiting = _done;
        }

        waiting?.TrySetResult(stored);
    }

    /// <summary>A client comes: the fetch goes on as long as one is there.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            if (_readers++ == 0)
            {
                EndAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>A client leaves: whether none is left of a fetch that is not over. What becomes of it then is <see cref="FillGate.Leave"/>'s to say.</summary>
    public bool Leave()
    {
        lock (_gate)
        {
            if (--_readers > 0)
            {
                return false;
            }

            EndAfter(_deserted);
            return !_over;
        }
    }

    /// <summary>Clients that wait for this fill or read it.</summary>
    public int Readers => Volatile.Read(ref _readers);

    /// <summary>Whether no client waits for this fill (any more).</summary>
    public bool IsDeserted => Volatile.Read(ref _readers) == 0;

    public void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The fetch ended in this very moment: there is nothing left to cancel.
        }
    }

    public void Dispose()
    {
        _end?.Dispose();
        _cancellation.Dispose();
    }

    private void EndAfter(TimeSpan limit)
    {
        if (!_over && limit != _limit)
        {
            _limit = limit;
            if (_end is null)
            {
                // Made only where a limit begins: most fills are read to their end.
                _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
                _end.Token.UnsafeRegister(static fill => ((Fill)fill!).Cancel(), this);
            }

            _end.CancelAfter(limit);
        }
    }
}
