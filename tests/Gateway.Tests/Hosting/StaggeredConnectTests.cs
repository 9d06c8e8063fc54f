using System.Net;
using System.Net.Sockets;
using CacheGateway.Hosting;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Hosting;

public sealed class StaggeredConnectTests
{
    private static readonly IPAddress Silent = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task FirstIsSilent_TheNextIsTakenAfterAMoment()
    {
        using var there = Listener(IPAddress.Loopback, 0);
        var port = ((IPEndPoint)there.LocalEndPoint!).Port;
        using var full = new Backlog(port);
        var time = new ManualTime();
        var connecting = StaggeredConnect.ToAnyAsync([Silent, IPAddress.Loopback], port, time, TestContext.Current.CancellationToken);
        Assert.False(connecting.IsCompleted, "the first has its moment");

        time.Advance(TimeSpan.FromMilliseconds(250));

        using var socket = await connecting.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, port), socket.RemoteEndPoint);
        Assert.True(socket.NoDelay);
    }

    /// <summary>A host that is gone without a word is noticed by the system, whoever waits for it.</summary>
    [Fact]
    public async Task Connection_NoticesThatTheOtherSideIsGone()
    {
        using var there = Listener(IPAddress.Loopback, 0);

        using var socket = await StaggeredConnect.ToAnyAsync([IPAddress.Loopback], ((IPEndPoint)there.LocalEndPoint!).Port, new ManualTime(), TestContext.Current.CancellationToken);

        Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        Assert.Equal(30, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        if (OperatingSystem.IsLinux())
        {
            var unanswered = new byte[4];
            socket.GetRawSocketOption(6, 18, unanswered);
            Assert.Equal(60_000, BitConverter.ToInt32(unanswered));
        }
    }

    [Fact]
    public async Task FirstRefuses_TheNextIsTakenAtOnce()
    {
        using var there = Listener(IPAddress.Loopback, 0);
        var port = ((IPEndPoint)there.LocalEndPoint!).Port;

        using var socket = await StaggeredConnect.ToAnyAsync([Silent, IPAddress.Loopback], port, new ManualTime(), TestContext.Current.CancellationToken);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, port), socket.RemoteEndPoint);
    }

    [Fact]
    public async Task AllRefuse_EachIsNamed()
    {
        // Bound, so that nobody else gets the port, and not listening.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Any, 0));
        var port = ((IPEndPoint)deaf.LocalEndPoint!).Port;

        var error = await Assert.ThrowsAsync<SocketException>(
            () => StaggeredConnect.ToAnyAsync([Silent, IPAddress.Loopback], port, new ManualTime(), TestContext.Current.CancellationToken));

        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        Assert.Contains("127.0.0.2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllSilent_EndsWithTheCaller()
    {
        using var there = Listener(IPAddress.Loopback, 0);
        var port = ((IPEndPoint)there.LocalEndPoint!).Port;
        using var full = new Backlog(port);
        using var late = new CancellationTokenSource();
        var time = new ManualTime();
        var connecting = StaggeredConnect.ToAnyAsync([Silent, Silent], port, time, late.Token);
        time.Advance(TimeSpan.FromMilliseconds(250));

        await late.CancelAsync();

        var ended = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        Assert.Equal(late.Token, ended.CancellationToken);
    }

    [Fact]
    public async Task NoAddress_IsNoHost()
    {
        var error = await Assert.ThrowsAsync<SocketException>(() => StaggeredConnect.ToAnyAsync([], 80, new ManualTime(), TestContext.Current.CancellationToken));

        Assert.Equal(SocketError.HostNotFound, error.SocketErrorCode);
    }

    private static Socket Listener(IPAddress address, int port, int backlog = 10)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>A full one: the system drops what asks for a connection, as a firewall does.</summary>
    private sealed class Backlog : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public Backlog(int port)
        {
            _sockets.Add(Listener(Silent, port, 0));
            for (var i = 0; i < 4; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                _ = socket.ConnectAsync(Silent, port).ContinueWith(connecting => connecting.Exception, TaskScheduler.Default);
            }

            // What fits is in when this returns; the kernel does it before the call does.
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }
}
