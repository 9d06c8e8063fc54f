using System.Globalization;

namespace CacheGateway.Http;

/// <summary>
/// HTTP dates (RFC 9110 5.6.7): IMF-fixdate and the two obsolete forms, names in any case, and nothing else. The day of the week must be one,
/// but need not be the right one.
/// </summary>
public static class HttpDate
{
    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] LongDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>
    /// First two-digit year that is read as 19xx. RFC 9110 wants a window that moves with the clock (at most 50 years ahead); this one stands still
    /// so that the function stays pure, and errs towards the past, that is towards stale.
    /// </summary>
    private const int Pivot = 76;

    public static DateTimeOffset? Parse(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = value.AsSpan().Trim(" \t");
        var comma = text.IndexOf(',');
        return comma switch
        {
            < 0 => Asctime(text),
            3 => Fixdate(text),
            _ => Rfc850(text, comma),
        };
    }

    public static string Format(DateTimeOffset date) => date.UtcDateTime.ToString("r", CultureInfo.InvariantCulture);

    // Sun, 06 Nov 1994 08:49:37 GMT
    private static DateTimeOffset? Fixdate(ReadOnlySpan<char> text) =>
        text.Length == 29 && Named(Days, text[..3]) >= 0 && text[4] == ' ' && text[7] == ' ' && text[11] == ' ' && IsGmt(text[25..])
            ? Make(Number(text[12..16]), Named(Months, text[8..11]), Number(text[5..7]), text, 16)
            : null;

    // Sunday, 06-Nov-94 08:49:37 GMT
    private static DateTimeOffset? Rfc850(ReadOnlySpan<char> text, int comma)
    {
        if (text.Length != comma + 24 || Named(LongDays, text[..comma]) < 0)
        {
            return null;
        }

        var rest = text[(comma + 1)..];
        var year = Number(rest[8..10]);
        return rest[0] == ' ' && rest[3] == '-' && rest[7] == '-' && year >= 0 && IsGmt(rest[19..])
            ? Make(year + (year < Pivot ? 2000 : 1900), Named(Months, rest[4..7]), Number(rest[1..3]), rest, 10)
            : null;
    }

    // Sun Nov  6 08:49:37 1994
    private static DateTimeOffset? Asctime(ReadOnlySpan<char> text)
    {
        if (text.Length != 24 || Named(Days, text[..3]) < 0 || text[3] != ' ' || text[7] != ' ' || text[19] != ' ')
        {
            return null;
        }

        var day = text[8] == ' ' ? Number(text[9..10]) : Number(text[8..10]);
        return Make(Number(text[20..24]), Named(Months, text[4..7]), day, text, 10);
    }

    /// <summary>Builds the date from its parts; at <paramref name="clock"/> stands " hh:mm:ss".</summary>
    private static DateTimeOffset? Make(int year, int month, int day, ReadOnlySpan<char> text, int clock)
    {
        var time = text.Slice(clock, 9);
        int hour = Number(time[1..3]), minute = Number(time[4..6]), second = Number(time[7..9]);
        if (year < 1 || month < 0 || day < 1 || day > DateTime.DaysInMonth(year, month + 1) || time[0] != ' ' || time[3] != ':' || time[6] != ':'
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
        {
            return null;
        }

        // A leap second has no place in the runtime's calendar; the second before it is near enough.
        return new DateTimeOffset(year, month + 1, day, hour, minute, Math.Min(second, 59), TimeSpan.Zero);
    }

    private static bool IsGmt(ReadOnlySpan<char> text) => text.Equals(" GMT", StringComparison.OrdinalIgnoreCase);

    private static int Named(string[] names, ReadOnlySpan<char> text)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (text.Equals(names[i], StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static int Number(ReadOnlySpan<char> digits) => (int)DeltaSeconds.Parse(digits);
}
