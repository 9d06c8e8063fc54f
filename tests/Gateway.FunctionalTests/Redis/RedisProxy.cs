using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Stands between a gateway and its Redis, and does to the answers what a bad network does.</summary>
internal sealed class RedisProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly int _port;
    private readonly Task _accepting;
    private byte[]? _injected;

    public RedisProxy(RedisServer redis)
    {
        _port = redis.Port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>How late each piece of an answer comes.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Puts bytes before the next answer: each later one then seems to answer the question after its own.</summary>
    public void Inject(string bytes) => Volatile.Write(ref _injected, System.Text.Encoding.Latin1.GetBytes(bytes));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port, _stopping.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), _stopping.Token), AnswerAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
            {
                // Either end is gone.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream server, NetworkStream client)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await server.ReadAsync(buffer, _stopping.Token)) > 0)
        {
            await Task.Delay(Latency, _stopping.Token);
            if (Interlocked.Exchange(ref _injected, null) is { } injected)
            {
                await client.WriteAsync(injected, _stopping.Token);
            }

            await client.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
        }
    }
}
