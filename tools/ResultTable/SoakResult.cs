using System.Globalization;
using System.Text.Json;

namespace CacheGateway.ResultTable;

/// <summary>The rows of the soak, from the JSON that it writes.</summary>
internal static class SoakResult
{
    /// <summary>Which of its violations make a row; "wrong answers" are all that a client got and should not have got.</summary>
    private static readonly (string Row, string[] Violations)[] Rows =
    [
        ("wrong answers", ["foreign answers", "bytes not as sent", "answers stored that must not be", "gateway errors with a healthy origin", "broken answers without a cause"]),
        ("lost invalidations", ["stale after acknowledged invalidation"]),
        ("lost by SIGTERM", ["requests lost by SIGTERM"]),
        ("crashes", ["crashes"]),
    ];

    public static IEnumerable<string> Lines(string file)
    {
        if (!File.Exists(file))
        {
            yield return "requests in soak             none";
            yield break;
        }

        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var counts = json.RootElement.GetProperty("counts");
        yield return Line("requests in soak", Number(counts, "answers"));
        yield return Line("invalidations in soak", Number(counts, "invalidations acknowledged by all"));
        yield return Line("faults in soak", json.RootElement.GetProperty("faults").EnumerateObject().Sum(fault => Number(fault.Value, "acted")));
        foreach (var (row, violations) in Rows)
        {
            yield return Line(row, violations.Sum(violation => Number(json.RootElement.GetProperty("violations"), violation)));
        }
    }

    private static long Number(JsonElement numbers, string name) => numbers.TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private static string Line(string what, long number) => string.Create(CultureInfo.InvariantCulture, $"{what,-24}{number,10:N0}");
}
