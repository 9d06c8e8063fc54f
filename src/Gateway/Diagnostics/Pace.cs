namespace CacheGateway.Diagnostics;

/// <summary>Of what happens often, the log is told once a second, with the number of those that were left out. Metrics count them all.</summary>
internal sealed class Pace(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _toldAt;
    private long _untold;

    /// <param name="untold">How many were left out since it was last said.</param>
    public bool TryTell(out long untold)
    {
        var last = Volatile.Read(ref _toldAt);
        if ((last != 0 && time.GetElapsedTime(last) < Pause) || Interlocked.CompareExchange(ref _toldAt, Math.Max(1, time.GetTimestamp()), last) != last)
        {
            untold = Interlocked.Increment(ref _untold);
            return false;
        }

        untold = Interlocked.Exchange(ref _untold, 0);
        return true;
    }
}
