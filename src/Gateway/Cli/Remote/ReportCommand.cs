using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Hosting;

namespace CacheGateway.Cli.Remote;

/// <summary><c>report</c>: whether the cache helps, and what would help more.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var period = new Option<string>("--period") { Description = "How long each of the two periods compared is, such as 1h (default 15m, at most 12h).", HelpName = "TIME", DefaultValueFactory = _ => "15m" };
        var command = new Command(
            "report",
            """
            Compare cached with uncached, and now with before; say what would help.

            Examples:
              report
              report --period 1h --json
            """)
        {
            period,
        };
        return new AdminOption().On(command, async (api, parsed, json, cancellation) =>
        {
            TimeSpan time;
            try
            {
                time = SettingText.Time("--period", parsed.GetValue(period)!);
            }
            catch (SettingsException exception)
            {
                return await CliText.BadUsageAsync(exception.Message);
            }

            if (time > TrafficHistory.LongestPeriod)
            {
                return await CliText.BadUsageAsync("--period: it is at most 12h: it is compared with the one before, and a day is kept");
            }

            var report = await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"performance-report?period={time.TotalSeconds}"), cancellation);
            if (json)
            {
                await CliText.WriteJsonAsync(report);
            }
            else
            {
                Show(report);
            }

            return RootCommands.Ok;
        });
    }

    private static void Show(JsonElement report)
    {
        CliScreen.Line($"node {report.Shown("node")}, the last {report.Shown("periodSeconds")} s beside those before");
        JsonElement[] rows = [.. report.Items("policies"), .. report.Get("total") is { } total ? (JsonElement[])[total] : []];
        var table = Figures(hasBefore: Array.Exists(rows, row => (row.Get("before") ?? default).Number("requests") > 0));
        foreach (var row in rows)
        {
            Add(table, row);
        }

        CliScreen.Show(table);
        var advice = new CliTable(
            "policy", new CliColumn("cause") { Spare = 1 }, new CliColumn("share>") { Spare = 2 }, new CliColumn("what happens") { IsProse = true }, new CliColumn("what would help") { IsProse = true });
        foreach (var one in report.Items("recommendations"))
        {
            advice.Add(one.Shown("policy"), one.Shown("cause"), one.Percent("share"), one.Shown("what"), one.Shown("advice"));
        }

        if (!advice.IsEmpty)
        {
            CliScreen.Show(advice);
        }
    }

    /// <summary>Where the terminal is narrow, what says least goes first: a period before of which nothing is known, the slowest, what follows from the hit ratio.</summary>
    private static CliTable Figures(bool hasBefore) => new(
        "policy", "requests>", new CliColumn("before>") { Spare = hasBefore ? 4 : 8 }, "hit\nratio>", new CliColumn("change>") { Spare = hasBefore ? 3 : 7 },
        "cached\np50 ms>", new CliColumn("cached\np99 ms>") { Spare = 5 }, "uncached\np50 ms>", new CliColumn("uncached\np99 ms>") { Spare = 6 },
        "faster>", new CliColumn("origin\nspared>") { Spare = 1 }, new CliColumn("queries\nspared>") { Spare = 2 });

    private static void Add(CliTable table, JsonElement row)
    {
        var now = row.Get("now") ?? default;
        var before = row.Get("before") ?? default;
        var (cached, uncached) = (now.Get("cachedMs") ?? default, now.Get("uncachedMs") ?? default);
        table.Add(
            row.Shown("policy"), now.Shown("requests"), before.Shown("requests"), now.Percent("hitRatio"), row.Shown("hitRatioChange", "+0.0;-0.0;0.0"),
            Latency(cached, "p50"), Latency(cached, "p99"), Latency(uncached, "p50"), Latency(uncached, "p99"),
            row.Number("improvementPercent") is { } faster ? string.Create(CultureInfo.InvariantCulture, $"{faster:0.0} %") : "-", now.Shown("originRequestsSaved"), now.Shown("queriesSaved"));
    }

    /// <summary>Of nothing there is no latency.</summary>
    private static string Latency(JsonElement summary, string quantile) => summary.Number("count") is > 0 ? summary.Shown(quantile, "0.0") : "-";
}
