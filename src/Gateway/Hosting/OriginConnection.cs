using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using CacheGateway.Interim;
using CacheGateway.Pipeline;

namespace CacheGateway.Hosting;

/// <summary>
/// A connection to an origin, whose events are handled in the thread pool also where those of clients are handled on the socket engine's own threads
/// (<see cref="InlineScheduling"/>): an answer of the origin is judged, stored, decrypted.
/// </summary>
internal sealed class OriginConnection(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private bool _isWatched;

    /// <summary>The hook of <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="SocketException">Nobody listens there, or the name has no address.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">It is to be secured, and could not be.</exception>
    public static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, OriginTls? tls, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var socket = await StaggeredConnect.ToAnyAsync(addresses, port, TimeProvider.System, cancellationToken);
        if (EventThread.IsCurrent)
        {
            await Task.Yield();
        }

        var connection = new OriginConnection(socket);
        return context.InitialRequestMessage.RequestUri is { Scheme: "https" or "wss" } && tls is not null ? await tls.SecureAsync(connection, context, cancellationToken) : connection;
    }

    /// <summary>
    /// The hook of <see cref="SocketsHttpHandler.PlaintextStreamFilter"/>. HTTP/2 frames its messages otherwise and is left alone.
    /// </summary>
    public static ValueTask<Stream> WatchAsync(SocketsHttpPlaintextStreamFilterContext context, TimeProvider time)
    {
        if (context.NegotiatedHttpVersion != HttpVersion.Version11)
        {
            return ValueTask.FromResult(context.PlaintextStream);
        }

        Func<bool> hasMore = static () => false;
        if (context.PlaintextStream is OriginConnection connection)
        {
            // Two that look after the thread would be one step too many.
            connection._isWatched = true;
            hasMore = () => connection.Socket.Available > 0;
        }

        return ValueTask.FromResult<Stream>(new OriginStream(context.PlaintextStream, static () => EventThread.IsCurrent, hasMore, time));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = base.ReadAsync(buffer, cancellationToken);
        return _isWatched || read.IsCompleted ? read : AwaitedAsync(read);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var write = base.WriteAsync(buffer, cancellationToken);
        return write.IsCompleted ? write : AwaitedAsync(write);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> AwaitedAsync(ValueTask<int> read)
    {
        try
        {
            return await read;
        }
        finally
        {
            if (EventThread.IsCurrent)
            {
                await Task.Yield();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask AwaitedAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        finally
        {
            if (EventThread.IsCurrent)
            {
                await Task.Yield();
            }
        }
    }
}
