using System.Globalization;

namespace CacheGateway.Http;

/// <summary>
/// HTTP-date (RFC 9110 5.6.7): IMF-fixdate, and the two obsolete forms that recipients must accept. Nothing else is a date; names are
/// compared without case, as widely seen, and everything is UTC.
/// </summary>
public static class HttpDate
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly string[] LongDays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    public static string Format(DateTimeOffset date) => date.UtcDateTime.ToString("r", CultureInfo.InvariantCulture);

    /// <summary>Null when <paramref name="text"/> is not a date of one of the three forms.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 64)
        {
            return null;
        }

        var parts = text.Split(' ');
        return parts switch
        {
            // Sun, 06 Nov 1994 08:49:37 GMT
            [{ Length: 4 } day, { Length: 2 } date, { Length: 3 } month, { Length: 4 } year, { Length: 8 } clock, var zone]
                when day[3] == ',' && IsName(Days, day[..3]) && IsGmt(zone) => Make(year, month, date, clock),

            // Sunday, 06-Nov-94 08:49:37 GMT
            [var day, { Length: 9 } date, { Length: 8 } clock, var zone]
                when day.EndsWith(',') && IsName(LongDays, day[..^1]) && IsGmt(zone) && date[2] == '-' && date[6] == '-'
                    => Make(FullYear(date[7..]), date[3..6], date[..2], clock),

            // Sun Nov  6 08:49:37 1994
            [{ Length: 3 } day, { Length: 3 } month, "", { Length: 1 } date, { Length: 8 } clock, { Length: 4 } year]
                when IsName(Days, day) => Make(year, month, date, clock),
            [{ Length: 3 } day, { Length: 3 } month, { Length: 2 } date, { Length: 8 } clock, { Length: 4 } year]
                when IsName(Days, day) => Make(year, month, date, clock),
            _ => null,
        };
    }

    private static bool IsName(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsGmt(string zone) => zone.Equals("GMT", StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 9110 5.6.7: a two-digit year that seems more than 50 years ahead is in the past century.</summary>
    private static string FullYear(string twoDigits) =>
        int.TryParse(twoDigits, NumberStyles.None, CultureInfo.InvariantCulture, out var year) ? (year >= 77 ? "19" : "20") + twoDigits : "";

    private static DateTimeOffset? Make(string year, string month, string day, string clock)
    {
        var m = Array.FindIndex(Months, name => name.Equals(month, StringComparison.OrdinalIgnoreCase)) + 1;
        if (m == 0 || !Number(year, out var y) || !Number(day, out var d) || clock[2] != ':' || clock[5] != ':'
            || !Number(clock[..2], out var hour) || !Number(clock[3..5], out var minute) || !Number(clock[6..], out var second)
            || y < 1 || d < 1 || d > DateTime.DaysInMonth(y, m) || hour > 23 || minute > 59 || second > 60)
        {
            return null;
        }

        // A leap second is the last moment of its minute here.
        return new DateTimeOffset(y, m, d, hour, minute, Math.Min(second, 59), TimeSpan.Zero);
    }

    private static bool Number(string digits, out int value) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
