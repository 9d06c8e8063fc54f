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
    private readonly CancellationTokenSource _cancellation;
    private readonly TimeSpan _deserted;
    private int _readers;
    private bool _leaderLeft;

    /// <param name="gateKey">What it is collapsed by.</param>
    /// <param name="key">The primary key.</param>
    /// <param name="policy">The policy in force.</param>
    /// <param name="validating">The stored response whose validators are sent, or null.</param>
    /// <param name="epoch">The epoch applied before the origin is asked.</param>
    /// <param name="background">Started for no client.</param>
    /// <param name="deserted">How long it goes on when nobody reads it.</param>
    /// <param name="time">The clock of that limit.</param>
    public Fill(string gateKey, CacheKey key, CachePolicy policy, StoredResponse? validating, FillEpoch epoch, bool background, TimeSpan deserted, TimeProvider time)
    {
        _deserted = deserted;
        _cancellation = new CancellationTokenSource(background ? deserted : Timeout.InfiniteTimeSpan, time);
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
        Volatile.Write(ref _leaderLeft, true);
        LeaderReader?.Dispose();
    }

    public void SetDone(StoredResponse? stored)
    {
        _done.TrySetResult(stored);
    }

    public void Enter()
    {
        if (Interlocked.Increment(ref _readers) == 1 && !IsBackground)
        {
            Expire(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// A client leaves. With none left, a fetch that can be stored goes on (within its caps); any other is cancelled at once.
    /// </summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _readers) > 0 || IsBackground)
        {
            return;
        }

        if (IsHeadKnown && (!Head.Result.IsShareable || Body is { IsWindowed: true }))
        {
            Cancel();
        }
        else
        {
            Expire(_deserted);
        }
    }

    /// <summary>Whether no client waits for this fill any more.</summary>
    public bool IsDeserted => Volatile.Read(ref _readers) == 0 && !IsBackground;

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

    private void Expire(TimeSpan after)
    {
        try
        {
            _cancellation.CancelAfter(after);
        }
        catch (ObjectDisposedException)
        {
            // The fetch ended in this very moment: there is nothing left to limit.
        }
    }
}
