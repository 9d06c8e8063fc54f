using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CacheGateway.Children;
using CacheGateway.FunctionalTests.Infrastructure;

namespace CacheGateway.Soak;

/// <summary>A real redis-server of this run, in a directory of its own; ended by its process id.</summary>
internal sealed class SoakRedis : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-soak-redis-");
    private Process? _process;

    private SoakRedis()
    {
    }

    public int Port { get; } = StandingPort.Number();

    public static async Task<SoakRedis> StartAsync()
    {
        var redis = new SoakRedis();
        await redis.LaunchAsync();
        return redis;
    }

    public async Task LaunchAsync()
    {
        _process = Process.Start(Leash.Of(
            "redis-server", ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", ""], "exec >/dev/null 2>&1"))!;
        for (var i = 0; i < 500; i++)
        {
            if (await TryAsync("PING"))
            {
                return;
            }

            await Task.Delay(20);
        }

        throw new InvalidOperationException("redis-server does not answer; is it installed? (Debian: apt-get install redis-server)");
    }

    /// <param name="empty">Without what SAVE wrote before.</param>
    public async Task KillAsync(bool empty)
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        if (empty)
        {
            File.Delete(Path.Combine(_folder.FullName, "dump.rdb"));
        }
    }

    public void Signal(string name) => Signals.Send(name, _process!.Id);

    /// <summary>One command; whether the answer is no error.</summary>
    public async Task<bool> TryAsync(string command)
    {
        try
        {
            using var client = new TcpClient();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), limit.Token);
            var answer = new byte[64];
            return await stream.ReadAsync(answer, limit.Token) > 0 && answer[0] != '-';
        }
        catch (Exception away) when (away is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync(empty: true);
        }

        _folder.Delete(recursive: true);
    }
}
