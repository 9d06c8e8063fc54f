using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// Stands on loopback between two real processes and does to their bytes what a bad network does: one <see cref="FaultLine"/> for each way,
/// and faults of connections as such. Everything it did is counted, so that a test can prove that its fault acted. One test owns it.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<FaultConnection, Task> _connections = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _accepted;
    private int _resets;

    private FaultProxy(int target, bool resp)
    {
        Target = target;
        ToClient = new FaultLine { IsResp = resp };
        Listen(0);
        Port = ((IPEndPoint)_listener!.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Port of the real server that new connections are led to; open ones stay where they are.</summary>
    public int Target { get; set; }

    /// <summary>As Redis clients want it.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>As HTTP clients want it.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>What happens to bytes from the one who connects.</summary>
    public FaultLine ToServer { get; } = new();

    /// <summary>What happens to bytes from the one who listens.</summary>
    public FaultLine ToClient { get; }

    /// <summary>What happens to the next connections.</summary>
    public FaultWelcome Welcome { get; set; }

    /// <summary>Connections taken so far, whatever became of them.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections ended with RST on purpose.</summary>
    public int Resets => Volatile.Read(ref _resets);

    /// <summary>Connections that are open through the proxy now.</summary>
    public int Open => _connections.Count;

    /// <param name="targetPort">Port on 127.0.0.1 of the real server; it need not listen yet.</param>
    /// <param name="resp">The server is a Redis: see <see cref="FaultLine.IsResp"/>.</param>
    public static FaultProxy Before(int targetPort, bool resp = false) => new(targetPort, resp);

    /// <summary>Ends every open connection with RST on both sides; new ones are taken as before.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
        {
            Interlocked.Increment(ref _resets);
            connection.Reset();
        }
    }

    /// <summary>Closes the listener: whoever connects is refused by the system itself, until <see cref="AcceptAgain"/>. Open connections stay.</summary>
    public async Task RefuseAsync()
    {
        _listener?.Stop();
        _listener = null;
        await _accepting;
    }

    public void AcceptAgain() => Listen(Port);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await RefuseAsync();
        foreach (var connection in _connections.Keys)
        {
            connection.Reset();
        }

        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
    }

    private void Listen(int port)
    {
        _listener = StandingPort.Again(port);
        _accepting = AcceptAsync(_listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(_stopping.Token);
                Interlocked.Increment(ref _accepted);
                if (Welcome == FaultWelcome.Reset)
                {
                    Interlocked.Increment(ref _resets);
                    client.Close(0);
                    continue;
                }

                var connection = new FaultConnection(client, ToServer, ToClient, () => Interlocked.Increment(ref _resets));
                _connections[connection] = ServeAsync(connection, Welcome);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }

    private async Task ServeAsync(FaultConnection connection, FaultWelcome welcome)
    {
        await Task.Yield();
        try
        {
            if (welcome == FaultWelcome.Silence)
            {
                // Half open: taken by the system, read by nobody.
                await Task.Delay(Timeout.InfiniteTimeSpan, _stopping.Token);
            }

            await connection.RunAsync(Target, _stopping.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // One of the ends is gone, by its own will or by a fault; the other must not live on alone.
            connection.Reset();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }
}
