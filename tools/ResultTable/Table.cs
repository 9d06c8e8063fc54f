using System.Globalization;

namespace CacheGateway.ResultTable;

/// <summary>The table at the end of a run: catalogue rows tried and held, then figures, then by name what did not hold.</summary>
internal static class Table
{
    public static IEnumerable<string> Of(TestResults results)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{"",-24}{"tried",10}{"held",10}");
        foreach (var (catalogue, rows) in results.Rows.Where(catalogue => catalogue.Value.Count > 0))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{catalogue.ToLowerInvariant() + "s",-24}{rows.Count,10:N0}{rows.Values.Count(held => held),10:N0}");
        }

        foreach (var (what, number) in results.Counts)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{what,-24}{number,10:N0}");
        }

        foreach (var (catalogue, rows) in results.Rows)
        {
            foreach (var row in rows.Where(row => !row.Value))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"not held: {catalogue.ToLowerInvariant()} {row.Key}");
            }
        }
    }
}
