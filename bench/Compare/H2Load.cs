using System.Globalization;
using System.Text.RegularExpressions;

namespace Compare;

/// <summary>h2load: HTTP/2, and HTTP/1.1 at a fixed rate.</summary>
internal static partial class H2Load
{
    /// <summary>Streams at a time on each HTTP/2 connection.</summary>
    private const int Streams = 16;

    public static async Task<LoadResult> RunAsync(Bench bench, Load load, string baseUrl, TimeSpan time)
    {
        var log = Path.Combine(bench.Directory, "h2load.log");
        File.Delete(log);
        List<string> arguments =
        [
            "-t1", "-c", Text(load.Connections), "-D", Text(time.TotalSeconds), "--log-file", log,
            .. load.Http2 ? ["-m", Text(Streams)] : (string[])["--h1"],
            .. load.Rate > 0 ? ["--rps", Text((double)load.Rate / load.Connections)] : (string[])[],
            .. load.Headers.SelectMany(header => new[] { "-H", header }),
            baseUrl + load.Path,
        ];
        var text = await Tool.RunAsync("h2load", arguments, bench.LoadProcessor);
        var done = Done().Match(text);
        var statuses = Statuses().Match(text);
        if (!done.Success || !statuses.Success)
        {
            throw new InvalidOperationException($"h2load says:\n{text}");
        }

        var (p50, p99) = Percentiles(log);
        return new LoadResult(Number(statuses, 1) + Number(statuses, 2) + Number(statuses, 3) + Number(statuses, 4), time.TotalSeconds, p50, p99,
            Number(statuses, 3) + Number(statuses, 4) + Number(done, 1));
    }

    /// <summary>The log has one line a request: start, status, microseconds.</summary>
    private static (double P50, double P99) Percentiles(string log)
    {
        var times = File.ReadLines(log).Select(line => double.Parse(line.AsSpan(line.LastIndexOf('\t') + 1), CultureInfo.InvariantCulture) / 1000).ToArray();
        if (times.Length == 0)
        {
            return (double.NaN, double.NaN);
        }

        Array.Sort(times);
        return (times[times.Length / 2], times[times.Length * 99 / 100]);
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) errored, \d+ timeout")]
    private static partial Regex Done();

    [GeneratedRegex(@"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx")]
    private static partial Regex Statuses();
}
