using System.Diagnostics;
using System.Net.Sockets;

namespace Compare;

/// <summary>A server of the comparison from its start to its end; its words are kept for the case that it dies.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly string _name;
    private readonly Process _process;
    private readonly List<string> _words = [];

    private ServerProcess(string name, Process process)
    {
        _name = name;
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has used until now.</summary>
    /// <exception cref="InvalidOperationException">It has ended: whatever was measured of it is not its own.</exception>
    public ProcessUse Use => _process.HasExited ? throw new InvalidOperationException($"{_name} ended with {_process.ExitCode}:\n{Words()}") : ProcessUse.Of(_process.Id);

    /// <summary>Starts and waits until the port answers.</summary>
    /// <exception cref="InvalidOperationException">It does not listen, or the port answered before: a server that a comparison left behind would be measured in its place.</exception>
    public static async Task<ServerProcess> StartAsync(string name, ProcessStartInfo start, int port)
    {
        if (await AnswersAsync(port))
        {
            throw new InvalidOperationException($"{name}: on port {port} another program listens; end it first");
        }

        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var server = new ServerProcess(name, Process.Start(start) ?? throw new InvalidOperationException($"{name} does not start"));
        var patience = Stopwatch.StartNew();
        while (!await AnswersAsync(port))
        {
            if (server._process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(30))
            {
                await server.DisposeAsync();
                throw new InvalidOperationException($"{name} does not listen on port {port}:\n{server.Words()}");
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

    private string Words()
    {
        lock (_words)
        {
            return string.Join('\n', _words);
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
