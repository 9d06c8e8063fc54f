using System.Globalization;
using Spectre.Console;

namespace CacheGateway.Cli.Demo;

/// <summary>The report as a table and its totals.</summary>
internal static class DemoTable
{
    public static void Show(DemoReport report, DemoConsole console)
    {
        var table = new CliTable(
            "endpoint", "uncached\nms>", new CliColumn("of it delay\n+ database>") { Spare = 3 }, "hit p50\nms>", new CliColumn("hit p99\nms>") { Spare = 2 },
            new CliColumn("documented\nms>") { Spare = 4 }, "hits\n%>", new CliColumn("queries\nsaved %>") { Spare = 1 }, ">");
        foreach (var row in report.Rows)
        {
            table.Add(
                row.Endpoint,
                Number(row.Uncached.Milliseconds, "0"),
                $"{Number(row.Uncached.DelayMs, "0")} + {Number(row.Uncached.DatabaseMs, "0.0")}",
                Number(row.HitP50Ms, "0.0"),
                Number(row.HitP99Ms, "0.0"),
                Number(row.DocumentedMs, "0"),
                Percent(row.HitRatio),
                Percent(row.QueriesSaved),
                Mark(row.IsMet));
        }

        console.Show(table.Framed(console.Width, TableBorder.Horizontal));
        foreach (var line in Totals(report))
        {
            console.Line(line);
        }
    }

    public static IEnumerable<string> Totals(DemoReport report)
    {
        yield return Text($"requests   {report.Reads + report.Writes:N0}: {report.Reads:N0} reads, {report.Writes:N0} writes ({report.WriteShare:P1})");
        yield return Text($"hit ratio  {report.HitRatio:P1} (documented: over 80 %) {Mark(report.HitRatio > DemoReport.LeastHitRatio)}   ")
            + Text($"{report.Collapsed:N0} more shared a fetch that was under way");
        yield return Text($"queries    {report.QueriesWith:N0} instead of {report.QueriesWithout:N0}, {report.QueriesSaved:P1} less (documented: 80 to 90 %) ")
            + $"{Mark(report.QueriesSaved >= DemoReport.LeastSaved)}   database: {report.Source}";
        yield return $"answers    {Count(report.Stale, "stale")}, {Count(report.Foreign, "foreign")}, {Count(report.Failed, "failed")}; every one was checked";
        foreach (var wrong in report.Wrong)
        {
            yield return $"  {wrong}";
        }

        if (report.Rows.Where(row => !row.IsMet).ToList() is { Count: > 0 } missed)
        {
            yield return Text($"missed     {missed.Count} of {report.Rows.Count} rows ✗: {string.Join(", ", missed.Select(Missed))}");
        }

        yield return "A documented figure is the usual time of a cached answer, so p50 is held against it; where there is none, the time without the cache is.";
    }

    private static string Missed(DemoRow row) => row.HitP50Ms is not { } hit ? $"{row.Endpoint} (no hit was timed; a longer --duration helps)"
        : $"{row.Endpoint} ({Number(hit, "0.0")} ms, {(row.DocumentedMs is null ? "uncached" : "documented")} {Number(row.DocumentedMs ?? row.Uncached.Milliseconds, "0")} ms)";

    private static string Count(int number, string what) => $"{number} {what} {Mark(number == 0)}";

    private static string Mark(bool isMet) => isMet ? "✓" : "✗";

    private static string Percent(double share) => Number(share * 100, "0.0");

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
