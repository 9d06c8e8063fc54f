using System.Diagnostics;
using System.Text.Json;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>The product as its users run it: a process with arguments, an exit code and two streams.</summary>
internal sealed record CliProcess(int Exit, string Output, string Error)
{
    /// <summary>The longest that anything is waited for which a process does, its start among it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The program that runs .NET assemblies.</summary>
    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "CacheGateway.dll");

    public static Task<CliProcess> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    public static async Task<CliProcess> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        using var process = Start(arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await Task.WhenAll(output, error).WaitAsync(Limit);
        await process.WaitForExitAsync();
        return new CliProcess(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command that asks this gateway.</summary>
    public static Task<CliProcess> RunAtAsync(GatewayEnvironment env, params string[] arguments) => RunAsync([.. arguments, "--admin", AdminOf(env)]);

    public static string AdminOf(GatewayEnvironment env) => env.Addresses[^1].GetLeftPart(UriPartial.Authority);

    public static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(DotNet, [Assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    public JsonElement Json() => JsonDocument.Parse(Output).RootElement;
}
