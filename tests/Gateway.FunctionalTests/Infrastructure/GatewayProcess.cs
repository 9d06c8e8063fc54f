using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// The gateway as its users run it: a process of its own, started by the command line, on free ports. What it writes is read and kept. It is ended by
/// its process id; one test owns it.
/// </summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Gate _listening = new();
    private HttpClient? _admin;

    private GatewayProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public Uri AdminAddress { get; private set; } = new("http://127.0.0.1");

    public bool HasExited => _process.HasExited;

    /// <summary>Everything it wrote so far, line by line.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    private HttpClient Admin => _admin ??= new HttpClient { BaseAddress = AdminAddress };

    /// <param name="origin">The backend's URL.</param>
    /// <param name="arguments">Further options of <c>run</c>.</param>
    /// <param name="environment">Variables of the new process.</param>
    /// <param name="shell">Run before it in the same process, such as <c>ulimit -n 256</c>.</param>
    public static async Task<GatewayProcess> StartAsync(
        Uri origin, string[]? arguments = null, (string Name, string Value)[]? environment = null, string? shell = null)
    {
        var gateway = Launch(origin, arguments, environment, shell);
        await gateway._listening.WaitAsync("the gateway process listens");
        return gateway;
    }

    /// <summary>Starts it, and waits for nothing.</summary>
    public static GatewayProcess Launch(Uri origin, string[]? arguments = null, (string Name, string Value)[]? environment = null, string? shell = null)
    {
        string[] command =
        [
            "dotnet", Path.Combine(AppContext.BaseDirectory, "CacheGateway.dll"), "run", "--origin", origin.ToString().TrimEnd('/'),
            "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", .. arguments ?? [],
        ];
        var start = new ProcessStartInfo("sh", ["-c", $"{(shell is null ? "" : shell + " && ")}exec \"$0\" \"$@\"", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var gateway = new GatewayProcess(process);
        process.OutputDataReceived += (_, line) => gateway.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => gateway.Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return gateway;
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Address);

    /// <summary>GET on a connection of its own, with a Host that gateways of one test have in common.</summary>
    public async Task<RawResponse> GetAsync(string target, params string[] headers)
    {
        await using var client = await ConnectAsync();
        return await client.GetAsync(target, ["Host: shared.test", .. headers]);
    }

    public async Task<double> MetricAsync(string name) => MetricsText.Sum(await Admin.GetStringAsync("/metrics"), name);

    public async Task<int> ReadyAsync()
    {
        using var answer = await Admin.GetAsync("/readyz");
        return (int)answer.StatusCode;
    }

    public Task<HttpResponseMessage> InvalidateAsync(string order) =>
        Admin.PostAsync("/api/v2/cache/invalidate", new StringContent(order, System.Text.Encoding.UTF8, "application/json"));

    public Task UntilMetric(string name, Func<double, bool> condition) =>
        Deadline.Until(async () => condition(await MetricAsync(name)), $"metric {name}");

    /// <summary>Memory of the process that is in use, in bytes.</summary>
    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    public int OpenFiles() => Directory.GetFileSystemEntries($"/proc/{Id}/fd").Length;

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> ExitAsync()
    {
        await Deadline.Within(_process.WaitForExitAsync(), "the gateway process ends");
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"^CacheGateway \S+ listens on (\S+) (\S+),")]
    private static partial Regex Banner();

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        if (Banner().Match(line) is { Success: true } banner)
        {
            Address = new Uri(banner.Groups[1].Value);
            AdminAddress = new Uri(banner.Groups[2].Value);
            _listening.Open();
        }
    }
}
