using CacheGateway.Diagnostics;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Keeps one reader of a window from setting the pace of all. Made when a body becomes one; used by its writer alone.
/// </summary>
/// <param name="services">The limit and the clock.</param>
/// <param name="fill">Whose body it is.</param>
/// <param name="body">The window.</param>
/// <param name="reason">Why it is not kept whole.</param>
internal sealed class ReaderPace(FetchServices services, Fill fill, FillBody body, Reason reason)
{
    private readonly long _begunAt = services.Time.GetTimestamp();

    /// <summary>
    /// Waits for room, or for the longest that a reader may stand still. The slowest is cut off where it does; and where it crawls, and others had nothing to read
    /// because of it for longer than that in sum and for most of the time. One that does not crawl goes on, and sets the pace: how much faster the others are cannot
    /// be seen here, for what they are given their sockets take at once, and they seem to wait all the time even where they are faster by a hair.
    /// </summary>
    public async Task WaitAsync(Task room)
    {
        var (time, limit) = (services.Time, services.Limits.SlowestReader);
        var began = time.GetTimestamp();
        var slowest = body.Slowest();
        var passed = slowest?.Passed;
        var stands = false;
        try
        {
            await room.WaitAsync(limit, time, fill.Cancelled);
        }
        catch (TimeoutException)
        {
            stands = slowest?.Passed == passed;
        }

        if (slowest is null)
        {
            return;
        }

        var (waited, lasted) = (body.Waited(), time.GetElapsedTime(began));
        slowest.HeldUp += waited < lasted ? waited : lasted;
        slowest.PassedMeanwhile += slowest.Passed - passed!.Value;
        var crawls = slowest.PassedMeanwhile < slowest.HeldUp.TotalSeconds * services.Limits.SlowestPace;
        if (stands || (crawls && slowest.HeldUp > limit && slowest.HeldUp > time.GetElapsedTime(_begunAt) / 2))
        {
            services.Logger.SlowReaderCut(fill.Policy.Name, reason.Text());
            slowest.Cut();
        }
    }
}
