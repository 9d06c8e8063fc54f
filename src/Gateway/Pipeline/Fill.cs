using CacheGateway.Interim;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// One fetch under way that may end in a stored response, and what its readers share. Made by <see cref="FillGate"/>, driven by
/// <see cref="OriginFetch"/> on a task of its own, left by readers as they please; it dies when the fetch ends.
/// </summary>
internal sealed class Fill : IDisposable
{
    private readonly TaskCompletionSource<FillHead> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StoredResponse?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancellation;
    private readonly TimeSpan _deserted;
    private int _readers;
    private bool _leaderLeft;

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
        _deserted = deserted;
        _cancellation = new CancellationTokenSource(deserted, time);
        GateKey = gateKey;
        Key = key;
        Policy = policy;
        Validating = validating;
        Epoch = epoch;
        IsBackground = background;
    }

    public string GateKey { get; }

    /// <summary>Counts the fills of this process in the order they began.</summary>
    public long Number { get; init; }

    public CacheKey Key { get; }

    public CachePolicy Policy { get; }

    /// <summary>The stored response whose validators the fetch carries, or null.</summary>
    public StoredResponse? Validating { get; }

    /// <summary>The epoch this node had applied before the origin was asked.</summary>
    public FillEpoch Epoch { get; }

    /// <summary>Started for no client (stale-while-revalidate, warming).</summary>
    public bool IsBackground { get; }

    /// <summary>Who gets the interim responses that come before the head.</summary>
    public FillInterim Interim { get; } = new();

    public FillBody? Body { get; private set; }

    /// <summary>The place in the body of the client that caused the fetch, held for it from the first byte.</summary>
    public FillReader? LeaderReader { get; private set; }

    /// <summary>The finished response, stored or not, once the body is whole; set before the body completes.</summary>
    public StoredResponse? Finished { get; set; }

    /// <summary>Completes once with what the head says, or with the failure.</summary>
    public Task<FillHead> Head => _head.Task;

    /// <summary>Completes when the fetch ended: the stored response, or null when nothing was stored.</summary>
    public Task<StoredResponse?> Done => _done.Task;

    public CancellationToken Cancelled => _cancellation.Token;

    public bool IsHeadKnown => _head.Task.IsCompleted;

    public void SetHead(FillHead head, FillBody? body)
    {
        Interim.Close();
        Body = body;
        if (!IsBackground)
        {
            LeaderReader = body?.Attach();
        }

        _head.TrySetResult(head);
        if (Volatile.Read(ref _leaderLeft))
        {
            LeaderReader?.Dispose();
        }
    }

    /// <summary>The client that caused the fetch is gone or served: its place in the body is free.</summary>
    public void LeaderLeft()
    {
        // A full fence, here and in completing the head: one of the two sides sees what the other wrote.
        Interlocked.Exchange(ref _leaderLeft, true);
        LeaderReader?.Dispose();
    }

    public void SetDone(StoredResponse? stored)
    {
        _done.TrySetResult(stored);
    }

    /// <summary>A client comes: the fetch goes on as long as one is there.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            _readers++;
            EndAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// A client leaves. With none left, a fetch that can be stored goes on (within its caps); any other is cancelled at once.
    /// </summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_readers > 0)
            {
                return;
            }

            EndAfter(_deserted);
        }

        if (IsHeadKnown && (!Head.Result.IsShareable || Body is { IsWindowed: true }))
        {
            Cancel();
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

    public void Dispose() => _cancellation.Dispose();

    private void EndAfter(TimeSpan time)
    {
        try
        {
            _cancellation.CancelAfter(time);
        }
        catch (ObjectDisposedException)
        {
            // The fetch ended in this very moment.
        }
    }
}
