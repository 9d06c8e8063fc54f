using System.Diagnostics;
using System.Text.RegularExpressions;
using CacheGateway.Children;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// The gateway as its users run it: a process of its own, started by the command line, on free ports. What it writes is read and kept. It is ended by
/// its process id; one test owns it.
/// </summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    /// <summary>A process takes its time to start where others start too.</summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Gate _listening = new();
    private HttpClient? _admin;

    private GatewayProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Its <c>--node</c>, where it was given one.</summary>
    public string Name { get; private init; } = "";

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
        return await gateway.StartedAsync(gateway._listening.Opened);
    }

    /// <summary>A gateway whose output goes nowhere that could be read, so that its addresses are chosen here.</summary>
    /// <param name="origin">The backend's URL.</param>
    /// <param name="shell">See <see cref="StartAsync"/>; says where the output goes.</param>
    /// <param name="reads">False = its output is a pipe that nobody reads.</param>
    public static async Task<GatewayProcess> StartUnheardAsync(Uri origin, string? shell, bool reads = true)
    {
        var (address, admin) = (FreeAddress(), FreeAddress());
        var gateway = Launch(origin, ["--urls", address.ToString(), "--admin-urls", admin.ToString()], shell: shell, reads: reads);
        gateway.Address = address;
        gateway.AdminAddress = admin;
        return await gateway.StartedAsync(UntilAnswersAsync(admin));
    }

    /// <summary>Starts it, and waits for nothing.</summary>
    public static GatewayProcess Launch(Uri origin, string[]? arguments = null, (string Name, string Value)[]? environment = null, string? shell = null, bool reads = true)
    {
        string[] run =
        [
            Path.Combine(AppContext.BaseDirectory, "CacheGateway.dll"), "run", "--origin", origin.ToString().TrimEnd('/'),
            .. arguments?.Contains("--urls") == true ? [] : (string[])["--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0"], .. arguments ?? [],
        ];
        var start = Leash.Of(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet", run, shell);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["REDIS_URL"] = "";
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var gateway = new GatewayProcess(process) { Name = arguments?.SkipWhile(argument => argument != "--node").ElementAtOrDefault(1) ?? "" };
        process.OutputDataReceived += (_, line) => gateway.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => gateway.Keep(line.Data);
        process.Start();
        if (reads)
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        return gateway;
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Address);

    /// <summary>GET on a connection of its own, with a Host that gateways of one test have in common.</summary>
    public async Task<RawResponse> GetAsync(string target, params string[] headers)
    {
        await using var client = await ConnectAsync();
        return await client.GetAsync(target, ["Host: shared.test", .. headers]);
    }

    /// <summary>The Prometheus text as it is served.</summary>
    public Task<string> MetricsAsync() => Admin.GetStringAsync("/metrics");

    public async Task<double> MetricAsync(string name) => MetricsText.Sum(await MetricsAsync(), name);

    public async Task<int> ReadyAsync()
    {
        using var answer = await Admin.GetAsync("/readyz");
        return (int)answer.StatusCode;
    }

    public Task<HttpResponseMessage> InvalidateAsync(string order) =>
        Admin.PostAsync("/api/v2/cache/invalidate", new StringContent(order, System.Text.Encoding.UTF8, "application/json"));

    /// <summary>It has joined Redis and is not blind.</summary>
    public Task UntilTrusted() => UntilMetric("cachegateway_bus_trusted", value => value == 1);

    public Task UntilMetric(string name, Func<double, bool> condition) =>
        Deadline.Until(async () => condition(await MetricAsync(name)), $"metric {name}");

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

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

    /// <summary>As a service manager ends it; returns its exit code.</summary>
    public Task<int> EndAsync()
    {
        Signal("TERM");
        return ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(LongestStart);
        await _process.WaitForExitAsync(limit.Token);
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

    private static Uri FreeAddress() => new($"http://127.0.0.1:{StandingPort.Number()}");

    private static async Task UntilAnswersAsync(Uri admin)
    {
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                (await client.GetAsync(new Uri(admin, "/healthz"))).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task<GatewayProcess> StartedAsync(Task started)
    {
        if (await Task.WhenAny(started, _process.WaitForExitAsync(), Task.Delay(LongestStart)) == started)
        {
            return this;
        }

        await DisposeAsync();
        throw new InvalidOperationException($"The gateway process did not start: {string.Join(" | ", Lines)}");
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
