using Microsoft.AspNetCore.Connections;

namespace CacheGateway.Hosting;

/// <summary>
/// Connections of the listeners of one role, counted and limited: what comes beyond is closed at once, so that those that are served, the origin, Redis
/// and the listeners of the other role always find a file descriptor.
/// </summary>
internal sealed class OpenConnections(int most)
{
    private int _open;
    private long _refused;
    private long _lastChange = Environment.TickCount64;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Connections closed because there were too many.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>For how long none was opened or closed. By the machine's clock, like the process that ends.</summary>
    public TimeSpan Unchanged => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastChange));

    public ConnectionDelegate Limit(ConnectionDelegate inner) => async connection =>
    {
        if (Interlocked.Increment(ref _open) > most)
        {
            Interlocked.Decrement(ref _open);
            Interlocked.Increment(ref _refused);
            connection.Abort(new ConnectionAbortedException("There are too many connections."));
            return;
        }

        Volatile.Write(ref _lastChange, Environment.TickCount64);
        try
        {
            await inner(connection);
        }
        finally
        {
            Volatile.Write(ref _lastChange, Environment.TickCount64);
            Interlocked.Decrement(ref _open);
        }
    };
}
