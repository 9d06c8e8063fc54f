using System.Globalization;
using System.Text;

namespace Compare;

/// <summary>The rows as Markdown: one table, each peer beside the gateway it is compared with.</summary>
internal static class ResultTable
{
    public static string Write(IReadOnlyList<Row> rows, IReadOnlyDictionary<string, string> texts)
    {
        var text = new StringBuilder();
        text.AppendLine("| scenario | server | req/s | p50 ms | p99 ms | CPU us/req | RSS MB | errors | req/s, gateway = 1 | CPU, gateway = 1 | |");
        text.AppendLine("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|");
        foreach (var group in rows.GroupBy(row => row.Scenario))
        {
            var gateway = group.FirstOrDefault(row => row.Peer == Peers.Gateway.Name);
            foreach (var row in group)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {(row == group.First() ? texts.TryGetValue(row.Scenario, out var told) ? $"{row.Scenario}: {told}" : row.Scenario : "")} | {row.Peer} | {Number(row.Rate, "N0")} | {Number(row.P50, "0.00")} | {Number(row.P99, "0.00")} | {Number(row.CpuMicroseconds, "0.0")} | {Number(row.ResidentMegabytes, "N0")} | {row.Errors} | {Number(row.Rate / gateway?.Rate ?? double.NaN, "0.00")} | {Number(row.CpuMicroseconds / gateway?.CpuMicroseconds ?? double.NaN, "0.00")} | {row.Note} |").AppendLine();
            }
        }

        return text.ToString();
    }

    private static string Number(double value, string format) => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture);
}
