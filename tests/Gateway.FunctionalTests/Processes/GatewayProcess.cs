using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>A gateway in a process of its own, as users run it; stopped by its process id. One test owns it.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _admin;

    private GatewayProcess(Process process, string name, Uri address, Uri admin)
    {
        _process = process;
        Name = name;
        Address = address;
        _admin = new HttpClient { BaseAddress = admin };
    }

    public string Name { get; }

    public Uri Address { get; }

    public Uri Admin => _admin.BaseAddress!;

    /// <param name="name">Its <c>--node</c>.</param>
    /// <param name="arguments">Beside the addresses, which the system chooses.</param>
    public static Task<GatewayProcess> StartAsync(string name, params string[] arguments) => StartAsync(name, arguments, []);

    /// <param name="name">Its <c>--node</c>.</param>
    /// <param name="arguments">Beside the addresses, which the system chooses.</param>
    /// <param name="environment">Variables that it gets beside those of the test.</param>
    public static async Task<GatewayProcess> StartAsync(string name, string[] arguments, (string Name, string Value)[] environment)
    {
        var program = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
        var start = new ProcessStartInfo(
            program,
            [
                Path.Combine(AppContext.BaseDirectory, "CacheGateway.dll"), "run", "--node", name, "--urls", "http://127.0.0.1:0",
                "--admin-urls", "http://127.0.0.1:0", .. arguments,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["REDIS_URL"] = "";
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        var process = new Process { StartInfo = start };
        var addresses = new TaskCompletionSource<(Uri, Uri)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) =>
        {
            said.Enqueue(line.Data ?? "");
            if (Banner().Match(line.Data ?? "") is { Success: true } banner)
            {
                addresses.TrySetResult((new Uri(banner.Groups[1].Value), new Uri(banner.Groups[2].Value)));
            }
        };
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            var (address, admin) = await Deadline.Within(addresses.Task, $"gateway {name} to say where it listens");
            return new GatewayProcess(process, name, address, admin);
        }
        catch (TimeoutException late)
        {
            process.Kill();
            throw new TimeoutException($"{late.Message}; it said: {string.Join(" | ", said)}", late);
        }
    }

    public void Stop() => Signal("STOP");

    /// <summary>As a service manager ends it; returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        Signal("TERM");
        await Deadline.Within(_process.WaitForExitAsync(), $"gateway {Name} to end");
        return _process.ExitCode;
    }

    public void Continue() => Signal("CONT");

    public async Task<double> MetricAsync(string name) => MetricsText.Sum(await _admin.GetStringAsync("/metrics"), name);

    public Task UntilTrusted() => Deadline.Until(async () => await MetricAsync("cachegateway_bus_trusted") == 1, $"{Name} has joined and is not blind");

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"listens on (http://\S+) (http://[^\s,]+)")]
    private static partial Regex Banner();

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
