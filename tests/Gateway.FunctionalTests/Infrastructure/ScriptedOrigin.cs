using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// An HTTP/1.1 origin on a raw socket: what it sends is scripted to the byte, what it saw is kept to the byte. It is created by the
/// environment of one test and ends with it. The latest handler registered for a path wins, so that a test can change its mind.
/// </summary>
internal sealed class ScriptedOrigin : IAsyncDisposable
{
    private readonly OriginLog _log = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Gate> _holds = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly ConcurrentStack<OriginRoute> _routes = new();
    private TcpListener _listener = StandingPort.Listener();
    private Task _accepting;
    private int _accepted;

    private ScriptedOrigin(TimeProvider time)
    {
        _time = time;
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener);
    }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public IReadOnlyList<OriginRequest> Log => _log.Of("*");

    public static ScriptedOrigin Start(TimeProvider time) => new(time);

    public void Get(string path, Func<OriginRequest, Reply> handler) => On("GET", path, handler);

    /// <summary>The n-th request gets the n-th reply; the last one repeats.</summary>
    public void Get(string path, params Reply[] replies)
    {
        var next = -1;
        Get(path, _ => replies[Math.Min(Interlocked.Increment(ref next), replies.Length - 1)]);
    }

    public void On(string? method, string path, Func<OriginRequest, Reply> handler) =>
        On(method, path, async exchange =>
        {
            await exchange.ReadBodyAsync();
            await HeldAsync(exchange);
            await exchange.SendAsync(handler(exchange.Request));
        });

    /// <summary>A handler that has the wire; it reads the body itself.</summary>
    public void On(string? method, string path, Func<OriginExchange, Task> handler) =>
        _routes.Push(new OriginRoute(method, path, handler));

    public IReadOnlyList<OriginRequest> LogOf(string path) => _log.Of(path);

    public int Requests(string path) => _log.Of(path).Count;

    public OriginRequest Last(string path) => _log.Of(path)[^1];

    /// <summary>From now on requests for the path are recorded and then wait for <see cref="Release"/>.</summary>
    public void Hold(string path) => _holds[path] = new Gate();

    public void Release(string path)
    {
        if (_holds.TryRemove(path, out var gate))
        {
            gate.Open();
        }
    }

    /// <summary>Lets go who is held, and holds who comes now.</summary>
    public void ReleaseAndHold(string path)
    {
        var before = _holds[path];
        Hold(path);
        before.Open();
    }

    /// <summary>Waits until the path was asked for <paramref name="count"/> times.</summary>
    public Task Reached(string path, int count = 1) => _log.ReachedAsync(path, count);

    /// <summary>Refuses connections and drops the ones it has, until <see cref="Return"/>.</summary>
    public async Task GoAway()
    {
        _listener.Stop();
        await _accepting;
        DropConnections();
    }

    public void Return()
    {
        _listener = StandingPort.Again(Port);
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        DropConnections();
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
    }

    private void DropConnections()
    {
        foreach (var socket in _connections.Keys)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _connections[socket] = ServeAsync(socket, Interlocked.Increment(ref _accepted));
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }

    private async Task ServeAsync(Socket socket, int connection)
    {
        await Task.Yield();
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var reader = new WireReader(stream);
            while (await reader.ReadLineAsync(_stopping.Token) is { } requestLine)
            {
                var request = _log.Add(connection, requestLine, await reader.ReadFieldLinesAsync(_stopping.Token));
                var exchange = new OriginExchange(request, socket, stream, reader, _time, _stopping.Token);
                await (_routes.FirstOrDefault(route => route.Takes(request))?.Handler(exchange) ?? NotScripted(exchange));
                if (!exchange.KeepAlive)
                {
                    await DrainAsync(reader);
                    return;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The gateway closed the connection, or the test ended.
        }
        finally
        {
            _connections.TryRemove(socket, out _);
        }
    }

    // Closing a socket that holds unread bytes would send RST where the script said FIN.
    private async Task DrainAsync(WireReader reader) => await reader.CopyToEndAsync(Stream.Null, _stopping.Token);

    private async Task HeldAsync(OriginExchange exchange)
    {
        if (_holds.TryGetValue(exchange.Request.Path, out var gate))
        {
            await gate.Opened.WaitAsync(exchange.Stopping);
        }
    }

    private static async Task NotScripted(OriginExchange exchange)
    {
        await exchange.ReadBodyAsync();
        await exchange.SendAsync(Reply.Of(500, $"not scripted: {exchange.Request.RequestLine}", "Cache-Control: no-store"));
    }
}
