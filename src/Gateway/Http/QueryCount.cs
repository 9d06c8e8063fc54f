using System.Globalization;

namespace CacheGateway.Http;

/// <summary>
/// How many database queries an answer says it cost: the description of the metric <c>db</c> in Server-Timing, when it begins with a number
/// (<c>db;dur=5.2;desc="3 queries"</c>). The format is the W3C's; that the number counts queries is this gateway's reading of it.
/// </summary>
public static class QueryCount
{
    private const long Most = 1_000_000;

    public static long? Of(string serverTiming)
    {
        ArgumentNullException.ThrowIfNull(serverTiming);
        foreach (var metric in serverTiming.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = metric.Split(';', StringSplitOptions.TrimEntries);
            if (!parts[0].Equals("db", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var part in parts.Skip(1))
            {
                if (part.StartsWith("desc=", StringComparison.OrdinalIgnoreCase))
                {
                    var text = part.AsSpan(5).Trim('"');
                    var digits = text.IndexOfAnyExceptInRange('0', '9');
                    return long.TryParse(digits < 0 ? text : text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= Most ? count : null;
                }
            }
        }

        return null;
    }
}
