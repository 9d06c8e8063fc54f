namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// How long an origin may take for each piece of the request's content, and for the head of its answer once it has all of it, where the answer may be a stream of events: YARP's own limit on silence,
/// which would do, cannot be lifted any more when the head shows that it is one. How long the client takes for its content, and what comes after the head, is not limited here.
/// </summary>
internal sealed class HeadLimit : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _limit;
    private readonly CancellationToken _gone;
    private readonly CancellationTokenSource _late;
    private bool _over;

    /// <param name="limit">For a piece, and from the end of the content to the head.</param>
    /// <param name="gone">Ends the exchange for any other reason.</param>
    public HeadLimit(TimeSpan limit, CancellationToken gone) => (_limit, _gone, _late) = (limit, gone, CancellationTokenSource.CreateLinkedTokenSource(gone));

    /// <summary>Ends with the limit.</summary>
    public CancellationToken Token => _late.Token;

    /// <summary>Whether it was the limit that ended the exchange.</summary>
    public bool IsPassed => _late.IsCancellationRequested && !_gone.IsCancellationRequested;

    /// <summary>The origin is waited for: it is to take a piece, or the content is whole. The head may be there already: an origin need not read all of it.</summary>
    public void Begin() => Wait(_limit);

    /// <summary>It has taken the piece, and the client is waited for.</summary>
    public void Pause() => Wait(Timeout.InfiniteTimeSpan);

    /// <summary>The head is there, or will not come.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (!_over)
            {
                _over = true;
                _late.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        End();
        _late.Dispose();
    }

    private void Wait(TimeSpan limit)
    {
        lock (_gate)
        {
            if (!_over)
            {
                _late.CancelAfter(limit);
            }
        }
    }
}
