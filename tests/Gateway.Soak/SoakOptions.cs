using System.Globalization;

namespace CacheGateway.Soak;

/// <summary>What the command line said.</summary>
internal sealed record SoakOptions(TimeSpan Time, int Seed, int Gateways, int Rate, string? JsonFile)
{
    /// <summary>"90", "60s", "20m" or "4h"; null when it is none, or shorter than 10 seconds.</summary>
    public static TimeSpan? Duration(string text)
    {
        var unit = text.Length > 0 && !char.IsAsciiDigit(text[^1]) ? text[^1] : 's';
        var seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        return int.TryParse(text.TrimEnd(unit), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number * seconds >= 10
            ? TimeSpan.FromSeconds(number * seconds)
            : null;
    }
}
