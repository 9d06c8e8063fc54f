using System.Diagnostics;
using System.Globalization;

namespace CacheGateway.Interleavings;

/// <summary>Explores with several processes of this program, each with a thread pool of one thread. Ends with the first that finds something.</summary>
internal static class Workers
{
    /// <summary>A worker that says nothing for so long turns in a circle.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(240);

    /// <summary>This program, whatever runs its tests.</summary>
    private static readonly string Program =
        Path.Combine(AppContext.BaseDirectory, typeof(Workers).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>How it ended, and what there is to say.</summary>
    internal sealed record Outcome(bool IsClean, long Schedules, long Choices, string Report);

    /// <param name="options">What to explore.</param>
    /// <param name="progress">Told now and then how many schedules are done.</param>
    public static async Task<Outcome> RunAsync(ExploreOptions options, Action<long>? progress = null)
    {
        using var stop = new CancellationTokenSource();
        long done = 0;
        var found = Enumerable.Range(0, options.IsStory ? 1 : options.Workers).Select(worker => RunOneAsync(options.ToArguments(worker), more => progress?.Invoke(Interlocked.Add(ref done, more)), stop)).ToArray();
        var all = await Task.WhenAll(found);
        // One that was still shrinking when another had its finding was stopped without any.
        var first = Array.Find(all, one => one.Report.Contains("FAILURE: ", StringComparison.Ordinal))
            ?? Array.Find(all, one => !one.IsClean && one.Report.Length > 0) ?? Array.Find(all, one => !one.IsClean);
        return first ?? new Outcome(true, all.Sum(one => one.Schedules), all.Sum(one => one.Choices), all[0].Report);
    }

    private static async Task<Outcome> RunOneAsync(IEnumerable<string> arguments, Action<long> more, CancellationTokenSource stop)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Hexadecimal.
            Environment = { ["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "1", ["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "1", ["DOTNET_TieredPGO"] = "0" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var report = new List<string>();
        string[] done = [];
        try
        {
            while (await process.StandardOutput.ReadLineAsync(stop.Token).AsTask().WaitAsync(LongestSilence) is { } line)
            {
                if (line.StartsWith("done ", StringComparison.Ordinal))
                {
                    done = line.Split(' ');
                }
                else if (line.StartsWith("at ", StringComparison.Ordinal))
                {
                    more(Worker.Between);
                }
                else
                {
                    report.Add(line);
                }
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        catch (TimeoutException)
        {
            report.Add($"a worker was silent for {LongestSilence.TotalSeconds} s: {string.Join(' ', arguments)}");
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        var isClean = process.ExitCode == 0;
        if (!isClean)
        {
            await stop.CancelAsync();
        }

        if (await errors is { Length: > 0 } said)
        {
            report.Add(said);
        }

        return new Outcome(isClean, Number(done, 1), Number(done, 2), string.Join('\n', report));
    }

    private static long Number(string[] words, int at) => at < words.Length ? long.Parse(words[at], CultureInfo.InvariantCulture) : 0;
}
