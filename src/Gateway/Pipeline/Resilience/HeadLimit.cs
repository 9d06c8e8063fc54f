namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// How long the head of an answer may take once the request's content has gone to the origin, where the answer may be a stream of events: YARP's own limit on silence, which would do, cannot be lifted
/// any more when the head shows that it is one. What comes while the content is still coming, or after the head, is not limited here.
/// </summary>
internal sealed class HeadLimit : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _late;
    private bool _over;

    /// <param name="limit">From the end of the content to the head.</param>
    /// <param name="gone">Ends the exchange for any other reason.</param>
    public HeadLimit(TimeSpan limit, CancellationToken gone) => (_limit, _late) = (limit, CancellationTokenSource.CreateLinkedTokenSource(gone));

    /// <summary>Ends with the limit.</summary>
    public CancellationToken Token => _late.Token;

    /// <summary>The content is whole. The head may be there already: an origin need not read all of it.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (!_over)
            {
                _late.CancelAfter(_limit);
            }
        }
    }

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
}
