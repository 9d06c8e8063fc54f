using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CacheGateway.Children;

namespace Fence;

/// <summary>A redis-server of this run, without persistence, in a directory of its own.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-fence-");
    private Process _process;

    private RedisProcess(int port)
    {
        Port = port;
        _process = Start();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<RedisProcess> StartAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var redis = new RedisProcess(port);
        await redis.UntilThereAsync();
        return redis;
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>After a kill: on the same port, without what it held. Returns when it takes connections.</summary>
    public Task StartAgainAsync()
    {
        _process = Start();
        return UntilThereAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private Process Start() => Process.Start(Leash.Of(
        "redis-server", ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", "", "--logfile", "redis.log"]))!;

    private async Task UntilThereAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (tries < 500)
            {
                await Task.Delay(10);
            }
        }
    }
}
