using CacheGateway.Diagnostics;
using CacheGateway.Invalidation;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Raises once more what a write may have made stale whose outcome nobody knows. It was raised when its client left or the gateway gave up; the origin may commit after that, and who asks
/// in between is told the old, which would stay. Made once per gateway. As many may wait as its bound says, and until the process ends: what is beyond was raised once.
/// </summary>
internal sealed class LateRaises(Invalidator invalidator, TimeProvider time, ILogger<LateRaises> logger)
{
    /// <summary>By then an origin that was left alone has done what it does.</summary>
    public static readonly TimeSpan After = TimeSpan.FromSeconds(30);

    private const int MostWaiting = 1000;

    private int _waiting;

    /// <param name="scope">Gives what to raise, when its time has come: policies may have changed by then. It must hold nothing of the request, which is over.</param>
    public void Add(Func<InvalidationScope> scope)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return;
        }

        _ = RaiseAsync(scope);
    }

    private async Task RaiseAsync(Func<InvalidationScope> scope)
    {
        try
        {
            await Task.Delay(After, time);
            await invalidator.RaiseAsync(scope(), InvalidationSource.UnsafeMethod, InvalidationWait.Local);
        }
        catch (Exception exception)
        {
            logger.NotRaised(exception);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
