using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace BackendApi.Tests.Hosting;

/// <summary>The program itself, as a process.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task Start_UnknownOption_ExitCode2() => await AssertFailsAsync(2, "--frobnicate", "--frobnicate");

    [Fact]
    public async Task Start_PortInUse_ExitCode1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await AssertFailsAsync(1, $"127.0.0.1:{port}", "--urls", $"http://127.0.0.1:{port}");
    }

    [Fact]
    public async Task Start_DatabaseAway_ExitCode1() =>
        await AssertFailsAsync(1, "127.0.0.1:1/d", "--urls", "http://127.0.0.1:0", "--database", "postgres://u:secret@127.0.0.1:1/d");

    private static async Task AssertFailsAsync(int exitCode, string named, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "BackendApi.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("DATABASE_URL");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((exitCode, ""), (process.ExitCode, await output));
        Assert.Contains(named, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }
}
