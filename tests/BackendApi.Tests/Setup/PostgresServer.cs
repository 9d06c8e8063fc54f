using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BackendApi.Hosting;
using Dapper;
using Npgsql;

[assembly: AssemblyFixture(typeof(BackendApi.Tests.Setup.PostgresServer))]

namespace BackendApi.Tests.Setup;

/// <summary>
/// A real PostgreSQL for all tests: the one of DATABASE_URL, or one started for this run in a directory of its own and stopped at its end.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Debian = "/usr/lib/postgresql";
    private readonly string? _binaries = Directory.Exists(Debian)
        ? Directory.GetDirectories(Debian).Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;
    private readonly string? _given = Environment.GetEnvironmentVariable("DATABASE_URL");
    private string? _directory;
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
        if (_directory is not null)
        {
            // pg_ctl takes the process id from the data directory.
            await RunAsync("pg_ctl", "stop", "-w", "-m", "immediate", "-D", Path.Combine(_directory, "data"));
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
        await RunAsync("pg_ctl", "start", "-w", "-D", data, "-l", Path.Combine(_directory, "log"), "-o", $"-p {port} -h 127.0.0.1 -k {_directory} -c fsync=off");
        _address = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
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
