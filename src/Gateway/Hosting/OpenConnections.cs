using Microsoft.AspNetCore.Connections;

namespace CacheGateway.Hosting;

/// <summary>
/// Connections of the public listeners, counted and limited: what comes beyond is closed at once, so that those that are served, the origin, Redis
/// and the admin listener always find a file descriptor.
/// </summary>
internal sealed class OpenConnections(int most)
{
    private int _open;
    private long _refused;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Connections closed because there were too many.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public ConnectionDelegate Limit(ConnectionDelegate inner) => async connection =>
    {
        if (Interlocked.Increment(ref _open) > most)
        {
            Interlocked.Decrement(ref _open);
            Interlocked.Increment(ref _refused);
            connection.Abort(new ConnectionAbortedException("There are too many connections."));
            return;
        }

        try
        {
            await inner(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
