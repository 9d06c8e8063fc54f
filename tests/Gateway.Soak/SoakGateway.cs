using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using CacheGateway.Children;
using CacheGateway.FunctionalTests.Infrastructure;

namespace CacheGateway.Soak;

/// <summary>One gateway process, started anew after each death, with a faulty network between it and Redis.</summary>
internal sealed partial class SoakGateway : IAsyncDisposable
{
    private readonly string _origin;
    private readonly string _policies;
    private readonly Queue<string> _lines = new();
    private Process? _process;
    private TaskCompletionSource<(Uri Public, Uri Admin)> _listening = new();
    private HttpClient _client = NewClient();
    private HttpClient _admin = NewClient();

    public SoakGateway(int number, string origin, string policies, int redisPort)
    {
        Number = number;
        _origin = origin;
        _policies = policies;
        Network = FaultProxy.Before(redisPort, resp: true);
    }

    public int Number { get; }

    public FaultProxy Network { get; }

    /// <summary>When it was dead, stopped or just started.</summary>
    public Interruptions Interruptions { get; } = new(TimeSpan.FromSeconds(1));

    public HttpClient Client => _client;

    /// <summary>As a load balancer knows it: told to end, stopped or dead, it gets no new requests but for a few that did not know.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>The process that runs now, or ran last.</summary>
    public SoakLife Life { get; private set; } = new();

    public int Starts { get; private set; }

    public bool IsUp => _process is { HasExited: false };

    public async Task StartAsync()
    {
        Starts++;
        Life = new SoakLife();
        _listening = new TaskCompletionSource<(Uri, Uri)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process
        {
            StartInfo = Leash.Of("dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "CacheGateway.dll"), "run", "--origin", _origin, "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0",
                "--policies", _policies, "--memory", "48MB", "--redis", Network.Address, "--deployment-id", "soak", "--node", $"g{Number}", "--drain", "4s",
            ]),
        };
        process.StartInfo.RedirectStandardOutput = true;
        process.StartInfo.RedirectStandardError = true;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        if (await Task.WhenAny(_listening.Task, Task.Delay(TimeSpan.FromSeconds(60))) != _listening.Task)
        {
            throw new InvalidOperationException($"gateway {Number} did not start: {LastWords()}");
        }

        var (address, admin) = await _listening.Task;
        var (oldClient, oldAdmin) = (_client, _admin);
        _client = NewClient(address);
        _admin = NewClient(admin);
        oldClient.Dispose();
        oldAdmin.Dispose();
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await EndedAsync();
    }

    /// <summary>As an orchestrator does it.</summary>
    public async Task<int> TerminateAsync()
    {
        IsReady = false;
        Life.IsToldToEnd = true;
        Signals.Send("TERM", _process!.Id);
        var code = await EndedAsync();
        Interruptions.Begin();
        Life.EndedAt = Clock.Now;
        return code;
    }

    public void Signal(string name) => Signals.Send(name, _process!.Id);

    /// <summary>Raises a tag; true = acknowledged for all nodes, of which there are so many.</summary>
    public async Task<bool> InvalidateAsync(string tag, int gateways)
    {
        using var content = new StringContent($$"""{"tags":["{{tag}}"],"wait":"all","timeoutMs":2000}""", Encoding.UTF8, "application/json");
        using var answer = await _admin.PostAsync("/api/v2/cache/invalidate", content);
        return await Receipt.IsAppliedByAsync(answer, gateways);
    }

    public string LastWords()
    {
        lock (_lines)
        {
            return string.Join(" | ", _lines);
        }
    }

    /// <summary>Resident memory in bytes and open descriptors, or null while it is down.</summary>
    public (long Memory, int Files)? Measure()
    {
        try
        {
            var process = _process!;
            process.Refresh();
            return (process.WorkingSet64, Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length);
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsUp)
        {
            await KillAsync();
        }

        _client.Dispose();
        _admin.Dispose();
        await Network.DisposeAsync();
    }

    [GeneratedRegex(@"^CacheGateway \S+ listens on (\S+) (\S+),")]
    private static partial Regex Banner();

    private static HttpClient NewClient(Uri? address = null) => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(20),
    };

    private async Task<int> EndedAsync()
    {
        var process = _process!;
        await process.WaitForExitAsync();
        var code = process.ExitCode;
        process.Dispose();
        _process = null;
        return code;
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > 10)
            {
                _lines.Dequeue();
            }
        }

        if (Banner().Match(line) is { Success: true } banner)
        {
            _listening.TrySetResult((new Uri(banner.Groups[1].Value), new Uri(banner.Groups[2].Value)));
        }
    }
}
