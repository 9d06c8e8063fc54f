using System.Globalization;
using System.Text.RegularExpressions;

namespace Compare;

/// <summary>wrk, one thread: HTTP/1.1 as fast as it goes.</summary>
internal static partial class Wrk
{
    /// <summary>Of the keys of a run: what one run has asked for is no news to the next.</summary>
    private static int _seed;

    public static async Task<LoadResult> RunAsync(Bench bench, Load load, string baseUrl, TimeSpan time)
    {
        List<string> arguments =
        [
            "-t1", $"-c{Text(load.Connections)}", $"-d{Text((int)time.TotalSeconds)}s", "--latency", "--timeout", "30s",
        ];
        if (load.Keys is { } keys)
        {
            arguments.AddRange(["-s", bench.File("wrk/keys.lua"), baseUrl, "--", .. keys, .. keys[^1] == "each" ? [Text(++_seed)] : Array.Empty<string>()]);
        }
        else if (load.Headers.Length > 0)
        {
            arguments.AddRange(["-s", bench.File("wrk/header.lua"), baseUrl + load.Path, "--", .. load.Headers]);
        }
        else
        {
            arguments.Add(baseUrl + load.Path);
        }

        return Parse(await Tool.RunAsync("wrk", arguments, bench.LoadProcessor));
    }

    internal static LoadResult Parse(string text)
    {
        var ran = Ran().Match(text);
        if (!ran.Success)
        {
            throw new InvalidOperationException($"wrk says:\n{text}");
        }

        var errors = Other().Match(text) is { Success: true } other ? Number(other.Groups[1].Value) : 0;
        if (Sockets().Match(text) is { Success: true } sockets)
        {
            errors += Enumerable.Range(1, 4).Sum(i => Number(sockets.Groups[i].Value));
        }

        return new LoadResult(
            Number(ran.Groups[1].Value), Milliseconds(ran.Groups[2].Value) / 1000,
            Percentile(text, "50%"), Percentile(text, "99%"), errors);
    }

    private static double Percentile(string text, string name) =>
        Regex.Match(text, $@"^\s+{name}\s+(\S+)", RegexOptions.Multiline) is { Success: true } found ? Milliseconds(found.Groups[1].Value) : double.NaN;

    /// <summary>"350.00us", "1.20ms", "2.01s", "1.50m".</summary>
    internal static double Milliseconds(string text)
    {
        var number = text.TrimEnd('u', 'm', 's', 'h');
        var unit = text[number.Length..] switch { "us" => 0.001, "ms" => 1, "s" => 1000, "m" => 60_000, _ => 3_600_000.0 };
        return double.Parse(number, CultureInfo.InvariantCulture) * unit;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) requests in ([\d.]+m?s?m?)")]
    private static partial Regex Ran();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Other();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex Sockets();
}
