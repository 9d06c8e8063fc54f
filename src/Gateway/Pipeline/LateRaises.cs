using CacheGateway.Diagnostics;

namespace CacheGateway.Pipeline;

/// <summary>
/// Raises once more what a write may have made stale whose outcome nobody knows. It was raised when its client left or the gateway gave up; the origin may commit after that, and who asks
/// in between is told the old, which would stay. Made once per gateway. As many may wait as its bound says, and until the process ends: what is beyond was raised once.
/// </summary>
internal sealed class LateRaises(TimeProvider time, ILogger<LateRaises> logger)
{
    /// <summary>By then most origins that were left alone have done what they do.</summary>
    public static readonly TimeSpan After = TimeSpan.FromSeconds(30);

    private const int MostWaiting = 1000;

    private int _waiting;

    /// <param name="raise">Raises it, when its time has come: policies may have changed by then. It must hold nothing of the request, which is over.</param>
    /// <param name="longest">How long the origin may take for an answer: where that is longer than <see cref="After"/>, it is raised then as well.</param>
    public void Add(Func<Task> raise, TimeSpan longest)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return;
        }

        _ = RaiseAsync(raise, longest);
    }

    private async Task RaiseAsync(Func<Task> raise, TimeSpan longest)
    {
        try
        {
            await Task.Delay(After, time);
            await raise();
            // Those that wait for long leave room for the others.
            if (longest > After && Volatile.Read(ref _waiting) <= MostWaiting / 2)
            {
                await Task.Delay(longest - After, time);
                await raise();
            }
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
