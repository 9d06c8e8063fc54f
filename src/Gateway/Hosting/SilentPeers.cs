using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace CacheGateway.Hosting;

/// <summary>
/// Whether somebody is still there who says nothing is asked by TCP itself: a telephone that lost its network in the middle of a stream would keep its connection, and the origin's behind it, for as
/// long as a stream may be silent.
/// </summary>
internal static class SilentPeers
{
    private const int AfterSeconds = 30;
    private const int IntervalSeconds = 10;
    private const int Probes = 3;

    public static void Notice(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, AfterSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, IntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
    }

    /// <summary>For all clients: what is accepted has the options of the socket that listens.</summary>
    public static void NoticeClients(this IServiceCollection services) => services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = static endpoint =>
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            Notice(socket);
        }

        return socket;
    });
}
