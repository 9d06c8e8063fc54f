using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BackendApi.Hosting;
using CacheGateway.Children;
using Dapper;
using Npgsql;

[assembly: AssemblyFixture(typeof(BackendApi.Tests.Setup.PostgresServer))]

namespace BackendApi.Tests.Setup;

/// <summary>
/// A real PostgreSQL for all tests: the one of DATABASE_URL, or one started for this run in a directory of its own and stopped at its end, however the
/// run ends.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Debian = "/usr/lib/postgresql";

    /// <summary>As long as pg_ctl waits.</summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly string? _binaries = Directory.Exists(Debian)
        ? Directory.GetDirectories(Debian).Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;
    private readonly string? _given = Environment.GetEnvironmentVariable("DATABASE_URL");
    private string? _directory;
    private Process? _server;
    private string _address = "";

    public string? SkipReason =>
        _given is null && _binaries is null ? $"No PostgreSQL: DATABASE_URL is not set, and {Debian}/*/bin has no initdb." : null;

    public async ValueTask InitializeAsync()
    {
        if (_given is not null)
        {
            _address = DatabaseAddress.Parse(_given);
        }
        else if (_binaries is not null)
        {
            await StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            // Which lets its own processes go first, and gives back what they share. pg_ctl takes the process id from the data directory.
            await RunAsync("pg_ctl", "stop", "-w", "-m", "immediate", "-D", Path.Combine(_directory!, "data"));
            await _server.WaitForExitAsync();
        }

        _server?.Dispose();
        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"backend_tests_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(_address);
        await connection.ExecuteAsync($"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(_address) { Database = name }.ConnectionString;
    }

    public async Task DropDatabaseAsync(string database)
    {
        await using var connection = new NpgsqlConnection(_address);
        await connection.ExecuteAsync($"DROP DATABASE {new NpgsqlConnectionStringBuilder(database).Database} WITH (FORCE)");
    }

    private async Task StartAsync()
    {
        _directory = Directory.CreateTempSubdirectory("backend-tests-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            // PostgreSQL refuses to run as root, and Debian's package brings a user for it.
            await ProcessAsync("chown", "postgres", _directory);
        }

        var (data, port) = (Path.Combine(_directory, "data"), FreePort());
        await RunAsync("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync");
        _address = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
        // Killed, it can give nothing back: what its processes share must lie in its directory.
        string[] server =
        [
            Path.Combine(_binaries!, "postgres"), "-D", data, "-p", $"{port}", "-h", "127.0.0.1", "-k", _directory, "-c", "fsync=off", "-c", "dynamic_shared_memory_type=mmap",
        ];
        // Not runuser: that stays as the server's parent, and the server would outlive it.
        string[] command = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", .. server] : server;
        var start = Leash.Of(command[0], command[1..], "exec >log 2>&1");
        start.WorkingDirectory = _directory;
        _server = Process.Start(start)!;
        await AnswersAsync(_server);
    }

    private async Task AnswersAsync(Process server)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(_address);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (!server.HasExited && waited.Elapsed < LongestStart)
            {
                // It does not listen yet, or says that it is starting up.
            }
            catch (NpgsqlException exception)
            {
                throw new InvalidOperationException($"postgres does not answer: {await File.ReadAllTextAsync(Path.Combine(_directory!, "log"))}", exception);
            }

            // Between two looks at another process, which tells nobody when it is there.
            await Task.Delay(20);
        }
    }

    private Task RunAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(_binaries!, program);
        return Environment.IsPrivilegedProcess
            ? ProcessAsync("runuser", ["-u", "postgres", "--", path, .. arguments])
            : ProcessAsync(path, arguments);
    }

    private async Task ProcessAsync(string program, params string[] arguments)
    {
        // The output is not read: the server would inherit the pipe and keep it open.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$0\" \"$@\" > /dev/null 2>&1", program, .. arguments])
        {
            WorkingDirectory = _directory,
        })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
