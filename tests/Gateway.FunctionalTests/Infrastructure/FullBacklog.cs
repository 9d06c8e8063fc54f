using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>A port with a full backlog: the system drops what asks for a connection, as a firewall does.</summary>
internal sealed class FullBacklog : IDisposable
{
    private readonly List<Socket> _sockets = [Plain()];

    public FullBacklog()
    {
        var listener = _sockets[0];
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        for (var i = 0; i < 4; i++)
        {
            var queued = Plain();
            _sockets.Add(queued);
            _ = queued.ConnectAsync(IPAddress.Loopback, Address.Port).ContinueWith(connecting => connecting.Exception, TaskScheduler.Default);
        }
    }

    public Uri Address { get; }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private static Socket Plain() => new(SocketType.Stream, ProtocolType.Tcp);
}
