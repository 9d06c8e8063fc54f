using System.Diagnostics;

namespace Compare;

/// <summary>Runs a program to its end and gives what it printed.</summary>
internal static class Tool
{
    /// <param name="name">Found on the PATH.</param>
    /// <param name="arguments">As they are.</param>
    /// <param name="processor">The processor it is held to; null = any.</param>
    public static async Task<string> RunAsync(string name, IEnumerable<string> arguments, int? processor = null)
    {
        var start = new ProcessStartInfo(processor is null ? name : "taskset") { RedirectStandardOutput = true, RedirectStandardError = true };
        if (processor is { } number)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            start.ArgumentList.Add(name);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} does not start");
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? text + await errors : throw new InvalidOperationException($"{name} ended with {process.ExitCode}:\n{text}{await errors}");
    }
}
