using System.Diagnostics;
using System.Net.Sockets;

namespace Compare;

/// <summary>A server of the comparison from its start to its end; its words are kept for the case that it dies.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _words = [];

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public ProcessUse Use => ProcessUse.Of(_process.Id);

    /// <summary>Starts and waits until the port answers.</summary>
    public static async Task<ServerProcess> StartAsync(string name, ProcessStartInfo start, int port)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var server = new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException($"{name} does not start"));
        var patience = Stopwatch.StartNew();
        while (!await AnswersAsync(port))
        {
            if (server._process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(30))
            {
                await server.DisposeAsync();
                throw new InvalidOperationException($"{name} does not listen on port {port}:\n{string.Join('\n', server._words)}");
            }

            await Task.Delay(5);
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_words)
        {
            if (line is not null && _words.Count < 100)
            {
                _words.Add(line);
            }
        }
    }
}
