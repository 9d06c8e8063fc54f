using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Compare;

/// <summary>Runs the scenarios one after the other and keeps the table as it grows, so that a run that is cut short leaves what it has.</summary>
internal static class Comparison
{
    /// <returns>Whether every scenario ran without an error.</returns>
    public static async Task<bool> RunAsync(BenchOptions options, IReadOnlyList<IScenario> scenarios)
    {
        var started = DateTime.UtcNow;
        var file = options.Output ?? Path.Combine(options.Root, "bench", "results", started.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture) + ".md");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var head = $"""
            # {started.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC, commit {Build(options.Root)}

            {await Machine.DescribeAsync()}

            `{options.Command(Environment.GetEnvironmentVariable)}`:
            {options.Rounds} rounds of {options.Seconds} s for each server, in turn; medians of the rounds.


            """;
        var rows = new List<Row>();
        var texts = scenarios.ToDictionary(scenario => scenario.Name, scenario => scenario.Text);
        var failures = new List<string>();
        await using var bench = new Bench(options);
        // Told to stop, it takes the servers with it.
        void Stop(PosixSignalContext signal) => bench.DisposeAsync().AsTask().Wait();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        for (var i = 0; i < scenarios.Count; i++)
        {
            var scenario = scenarios[i];
            Bench.Say($"scenario {i + 1} of {scenarios.Count}: {scenario.Name}, {scenario.Text}");
            try
            {
                rows.AddRange(await scenario.RunAsync(bench));
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException or SocketException or HttpRequestException or TimeoutException)
            {
                Bench.Say($"{scenario.Name} failed: {exception.Message}");
                failures.Add($"{scenario.Name} failed: {exception.Message.Split('\n')[0]}");
            }

            await File.WriteAllTextAsync(file, head + ResultTable.Write(rows, texts) + string.Concat(failures.Select(failure => $"\n{failure}\n")));
        }

        Console.WriteLine(await File.ReadAllTextAsync(file));
        Bench.Say($"kept in {file}");
        return failures.Count == 0;
    }

    /// <summary>As it was written when the gateway was published: what is measured may be older than the sources.</summary>
    private static string Build(string root)
    {
        var file = Path.Combine(root, "artifacts", "bench", "gateway", "commit");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "unknown";
    }
}
