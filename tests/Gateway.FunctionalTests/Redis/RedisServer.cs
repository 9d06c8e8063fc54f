using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CacheGateway.Children;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>
/// A real redis-server of one test, in a directory of its own, without persistence; stopped by its process id. Where there is no such program
/// the test is skipped by name.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-redis-");
    private readonly string[] _options;
    private Process? _process;
    private ConnectionMultiplexer? _client;

    private RedisServer(int port, string[] options)
    {
        Port = port;
        _options = options;
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public int ProcessId => _process!.Id;

    private string Snapshot => Path.Combine(_folder.FullName, "dump.rdb");

    /// <summary>A server that has not been started: nobody listens on its port.</summary>
    public static RedisServer Prepare(params string[] options)
    {
        Assert.SkipWhen(Program is null, "There is no redis-server on the PATH.");
        return new RedisServer(StandingPort.Number(), options);
    }

    public static async Task<RedisServer> StartAsync(params string[] options)
    {
        var server = Prepare(options);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        // The output goes nowhere: an unread pipe would stop the server when it is full.
        _process = Process.Start(Leash.Of(
            Program!,
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", "", "--appendonly", "no", "--enable-debug-command", "local", .. _options],
            "exec >/dev/null 2>&1"))!;
        await Deadline.Until(IsListening, "redis-server listens");
    }

    /// <summary>A connection of the test itself, with all rights; made anew after a restart.</summary>
    public async Task<IDatabase> ClientAsync()
    {
        if (_client is null)
        {
            var options = new ConfigurationOptions { AllowAdmin = true, AbortOnConnectFail = false, ConnectTimeout = 5000, SyncTimeout = 5000 };
            options.EndPoints.Add(Address);
            // A server whose snapshot failed refuses it, and the library would close the connection.
            options.CommandMap = CommandMap.Create(["PING"], available: false);
            _client = await ConnectionMultiplexer.ConnectAsync(options);
            await Deadline.Until(() => Task.FromResult(_client.IsConnected), "the test's own connection");
        }

        return _client.GetDatabase();
    }

    public async Task<RedisResult> RunAsync(string command, params object[] arguments) =>
        await (await ClientAsync()).ExecuteAsync(command, arguments);

    /// <summary>What its clock says.</summary>
    public async Task<DateTimeOffset> ClockAsync()
    {
        var time = (long[])(await RunAsync("TIME"))!;
        return DateTimeOffset.UnixEpoch.AddSeconds(time[0]).AddMicroseconds(time[1]);
    }

    /// <summary>Runs redis-cli against this server; what the client library cannot do (another user, making a Cluster).</summary>
    public async Task<string> CommandLineAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("redis-cli", ["-p", $"{Port}", "--no-auth-warning", .. arguments]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    public async Task<string[]> KeysAsync() => (string[])(await RunAsync("KEYS", "*:r1:*"))!;

    /// <summary>The databases that hold something: "db0" and so on.</summary>
    public async Task<string[]> DatabasesAsync() =>
        [.. ((string)(await RunAsync("INFO", "keyspace"))!).Split("\r\n").Where(line => line.StartsWith("db", StringComparison.Ordinal)).Select(line => line.Split(':')[0])];

    public async Task KillAsync()
    {
        Disconnect();
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Snapshots fail from now on, and Redis takes no writes (MISCONF): a directory that is not empty stands where the file should go.</summary>
    public async Task FailSnapshotsAsync()
    {
        Directory.CreateDirectory(Path.Combine(Snapshot, "in-the-way"));
        // Only a server that is to make snapshots by itself minds that one failed.
        await RunAsync("CONFIG", "SET", "save", "3600 1");
        await MakeSnapshotAsync("err");
    }

    /// <summary>Snapshots can be made again, and writes go through.</summary>
    public async Task HealSnapshotsAsync()
    {
        Directory.Delete(Snapshot, recursive: true);
        await MakeSnapshotAsync("ok");
    }

    public void Pause() => Signal("STOP");

    public void Resume() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        Disconnect();
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Without a farewell: the library would wait five seconds for the answer to it.</summary>
    private void Disconnect()
    {
        _client?.Close(allowCommandsToComplete: false);
        _client?.Dispose();
        _client = null;
    }

    private async Task MakeSnapshotAsync(string status)
    {
        await RunAsync("BGSAVE");
        await Deadline.Until(
            async () => ((string)(await RunAsync("INFO", "persistence"))!).Contains($"rdb_last_bgsave_status:{status}\r\n", StringComparison.Ordinal),
            $"a snapshot ends: {status}");
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{ProcessId}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task<bool> IsListening()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
