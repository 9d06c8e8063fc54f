using System.ComponentModel;
using System.Diagnostics;

namespace CacheGateway.Cli.Demo;

/// <summary>
/// A process that the demo started, and stops when it is disposed of: by its own id, at once, and with whatever it started in turn. Nothing
/// here has anything to save.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 20;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();

    private ChildProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The end of what it wrote, in one line, for a message.</summary>
    public string LastWords
    {
        get
        {
            lock (_lines)
            {
                return _lines.Count == 0 ? "it said nothing" : string.Join(" | ", _lines.TakeLast(3));
            }
        }
    }

    /// <summary>The program that runs .NET assemblies: the one that runs this, where that is known.</summary>
    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    /// <exception cref="DemoException">The program is not there.</exception>
    public static ChildProcess Start(
        string name, string program, IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        foreach (var (variable, value) in environment)
        {
            if (value is null)
            {
                process.StartInfo.Environment.Remove(variable);
                continue;
            }

            process.StartInfo.Environment[variable] = value;
        }

        var child = new ChildProcess(name, process);
        process.OutputDataReceived += (_, line) => child.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new DemoException($"cannot start {program} ({name}): {exception.Message}");
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line.Trim());
            if (_lines.Count > KeptLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
