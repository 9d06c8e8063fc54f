using System.Globalization;

namespace CacheGateway.Policies.Rules;

/// <summary>Durations as written in policies: a number and one unit ("5m", "1.5h", "250ms").</summary>
internal static class DurationText
{
    public const string Pattern = @"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$";

    public static TimeSpan? TryParse(string text)
    {
        var unit = text.AsSpan().TrimStart("0123456789.");
        var milliseconds = unit switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 0,
        };

        // Decimal point alone, digits on both sides: what the schema's pattern says.
        var number = text.AsSpan(0, text.Length - unit.Length);
        return milliseconds > 0 && number.Length is > 0 and < 16 && char.IsAsciiDigit(number[0]) && char.IsAsciiDigit(number[^1])
            && decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count * milliseconds <= (decimal)TimeSpan.MaxValue.TotalMilliseconds / 2
            ? TimeSpan.FromTicks((long)(count * milliseconds * TimeSpan.TicksPerMillisecond))
            : null;
    }

    /// <summary>A duration that was validated when its file was read.</summary>
    public static TimeSpan Parse(string text) => TryParse(text) ?? throw new FormatException($"\"{text}\" is not a duration.");
}
