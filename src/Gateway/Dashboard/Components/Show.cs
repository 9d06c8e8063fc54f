using System.Globalization;

namespace CacheGateway.Dashboard.Components;

/// <summary>Figures and times as people read them: never more digits than mean something, a space before the unit that does not break.</summary>
public static class Show
{
    private const string Space = "\u00A0";
    private const string None = "–";

    /// <summary>"12,345"; below ten with the digits that count.</summary>
    public static string Number(double value) =>
        Math.Abs(value) >= 1_000_000 ? (value / 1_000_000).ToString("0.##", CultureInfo.InvariantCulture) + Space + "M"
        : (Math.Abs(value) >= 10 ? Math.Round(value) : value).ToString(Math.Abs(value) >= 1 || value == 0 ? "#,0.#" : "0.###", CultureInfo.InvariantCulture);

    /// <summary>Every digit: "1,234,567".</summary>
    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>"97.3 %"; a dash for what there is nothing to say about. Never 100 % or 0 % for what is merely close.</summary>
    public static string Percent(double? share) => share switch
    {
        null => None,
        < 1 and >= 0.9995 => ">" + Space + "99.9" + Space + "%",
        > 0 and < 0.0005 => "<" + Space + "0.1" + Space + "%",
        { } value when double.IsFinite(value) => (value * 100).ToString(value is 0 or 1 ? "0" : "0.0", CultureInfo.InvariantCulture) + Space + "%",
        _ => None,
    };

    /// <summary>Milliseconds: "5 µs", "0.31 ms", "217 ms", "1.8 s".</summary>
    public static string Milliseconds(double? value) => value switch
    {
        null => None,
        > 0 and < 0.1 => (value.Value * 1000).ToString("0", CultureInfo.InvariantCulture) + Space + "µs",
        < 10 => value.Value.ToString("0.##", CultureInfo.InvariantCulture) + Space + "ms",
        < 1000 => value.Value.ToString("0", CultureInfo.InvariantCulture) + Space + "ms",
        _ => Duration(TimeSpan.FromMilliseconds(value.Value)),
    };

    /// <summary>"1.8 s", "4 min 10 s", "2 h 5 min", "3 d 4 h".</summary>
    public static string Duration(TimeSpan time)
    {
        var (sign, span) = time < TimeSpan.Zero ? ("−", time.Negate()) : ("", time);
        return sign + (span.TotalSeconds < 1 ? $"{span.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)}{Space}ms"
            : span.TotalSeconds < 10 ? $"{span.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)}{Space}s"
            : span.TotalMinutes < 1 ? $"{span.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)}{Space}s"
            : span.TotalHours < 1 ? Two((int)span.TotalMinutes, "min", span.Seconds, "s")
            : span.TotalDays < 1 ? Two((int)span.TotalHours, "h", span.Minutes, "min")
            : Two((int)span.TotalDays, "d", span.Hours, "h"));
    }

    /// <summary>"512 B", "14.2 KB", "3.1 GB": powers of 1024, as in the settings.</summary>
    public static string Bytes(double value)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        var unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture) + Space + units[unit];
    }

    /// <summary>"19:04:31", in UTC.</summary>
    public static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>"2026-11-25 19:04:31 UTC".</summary>
    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>For a time element's datetime.</summary>
    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>"1 entry", "12 entries".</summary>
    public static string Counted(long count, string one, string many) => $"{Count(count)}{Space}{(count == 1 ? one : many)}";

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large}{Space}{largeUnit}" : $"{large}{Space}{largeUnit} {small}{Space}{smallUnit}";
}
