using System.Collections.Concurrent;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Gives one exchange with an origin up when that is silent for too long. Between <see cref="Wait"/> and <see cref="Came"/> the time runs; what the gateway and
/// its client take is never counted. Made for one attempt after the other. On the machine's clock: it measures silence on sockets, and must notice where this process
/// itself was stopped.
/// </summary>
internal sealed class AnswerTimer : IDisposable
{
    /// <summary>Timers kept for later requests; beyond these each makes its own.</summary>
    private const int MostSpare = 1024;

    /// <summary>A timer that comes later than this, in milliseconds, was held up with the whole process: no load makes it so late.</summary>
    private const long MostLate = 2000;

    private static readonly ConcurrentQueue<AnswerTimer> Spare = new();

    private readonly CancellationTokenSource _late = new();
    private CancellationTokenRegistration _gone;
    private long _due;

    private AnswerTimer()
    {
    }

    /// <summary>Ends with the silence, or with the token it was begun with.</summary>
    public CancellationToken Token => _late.Token;

    /// <summary>The exchange is given up, for its silence or any other reason. Who hears of that from the same token may hear of it before <see cref="Token"/> does.</summary>
    public bool IsGivenUp => _gone.Token.IsCancellationRequested || _late.IsCancellationRequested;

    /// <param name="gone">Ends the exchange for any other reason.</param>
    public static AnswerTimer Begin(CancellationToken gone)
    {
        var timer = Spare.TryDequeue(out var spare) ? spare : new AnswerTimer();
        timer._due = long.MaxValue;
        timer._gone = gone.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), timer._late);
        return timer;
    }

    /// <summary>
    /// The limit has long passed, and nobody was here to see it: this process was stopped (SIGSTOP, a virtual machine that is moved). The answer may lie in the
    /// socket, and its lateness says nothing of the origin.
    /// </summary>
    public bool IsOverdue => IsOverdueAt(Environment.TickCount64);

    public void Wait(TimeSpan limit)
    {
        _due = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        _late.CancelAfter(limit);
    }

    public void Came()
    {
        _due = long.MaxValue;
        _late.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>As <see cref="IsOverdue"/>, by <see cref="Environment.TickCount64"/>.</summary>
    internal bool IsOverdueAt(long now) => now - MostLate > _due;

    /// <summary>The exchange is over; nobody uses the token any more.</summary>
    public void Dispose()
    {
        var gone = _gone.Token;
        // What is just being cancelled is left to that: it must not reach the next request that takes this timer. YARP makes its token ready for another request
        // before this, and has taken off what was registered; only a token that never was cancelled can be made ready, and one is marked before it tells anybody.
        var isFree = _gone.Unregister() || !gone.IsCancellationRequested;
        _gone = default;
        if (isFree && _late.TryReset() && Spare.Count < MostSpare)
        {
            Spare.Enqueue(this);
        }
        else if (isFree)
        {
            _late.Dispose();
        }
    }
}
