using CacheGateway.Diagnostics;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Why there is no connection to Redis: found out beside everything else, and said in the log, a new cause at once and one that stays the same once a minute at most.
/// Made once per gateway, by its connection.
/// </summary>
/// <param name="probe">Finds out why.</param>
/// <param name="address">Of Redis, fit for logs.</param>
/// <param name="isOver">Whether there is a connection again.</param>
/// <param name="logger">Of the connection.</param>
/// <param name="stopping">The gateway stops.</param>
internal sealed class RedisOutage(RedisProbe probe, string address, Func<bool> isOver, ILogger logger, CancellationToken stopping)
{
    /// <summary>Between two looks for the cause, however often a connection is lost.</summary>
    private const long TellPauseMs = 1000;

    private const long SamePauseMs = 60_000;

    /// <summary>More than there are, but for words that differ each time.</summary>
    private const int MostCauses = 16;

    private readonly Lock _gate = new();

    /// <summary>When each cause was said in this outage: two that take turns are no news each time.</summary>
    private readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);

    private Task _telling = Task.CompletedTask;
    private string? _problem;
    private long _toldAt = -TellPauseMs;

    /// <summary>What was last in the way.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Ends when the last look for a cause does.</summary>
    public Task Telling => Volatile.Read(ref _telling);

    /// <summary>There is a connection: the next outage is another one.</summary>
    public void End()
    {
        probe.Forget();
        lock (_gate)
        {
            _said.Clear();
        }
    }

    /// <summary>Looks for the cause of a loss, and says it.</summary>
    /// <param name="why">In the words of the client library, where nothing better is found.</param>
    public void Tell(string why)
    {
        var now = Environment.TickCount64;
        var last = Volatile.Read(ref _toldAt);
        if (now - last >= TellPauseMs && Interlocked.CompareExchange(ref _toldAt, now, last) == last)
        {
            Volatile.Write(ref _telling, TellAsync(why));
        }
    }

    /// <summary>Says a cause; nothing when there is a connection again by then, which was said already.</summary>
    public void Say(string cause)
    {
        Volatile.Write(ref _problem, cause);
        if (!isOver() && !stopping.IsCancellationRequested && IsNews(cause, Environment.TickCount64))
        {
            logger.RedisLost(address, cause);
        }
    }

    /// <summary>Whether a cause was not said just now; it counts as said then.</summary>
    /// <param name="cause">The cause.</param>
    /// <param name="now">Milliseconds of the machine's clock.</param>
    internal bool IsNews(string cause, long now)
    {
        lock (_gate)
        {
            if (_said.TryGetValue(cause, out var at) && now - at < SamePauseMs)
            {
                return false;
            }

            if (_said.Count == MostCauses)
            {
                _said.Clear();
            }

            _said[cause] = now;
            return true;
        }
    }

    private async Task TellAsync(string why)
    {
        var cause = why;
        try
        {
            cause = await probe.CauseAsync(stopping) ?? why;
        }
        catch (Exception exception)
        {
            // Nobody waits for this, and that the connection is lost is told all the same.
            logger.RedisWatchFailed(exception);
        }

        Say(cause);
    }
}
