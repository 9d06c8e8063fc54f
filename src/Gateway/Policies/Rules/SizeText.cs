using System.Globalization;

namespace CacheGateway.Policies.Rules;

/// <summary>Sizes as written in policies: a whole number and one unit, 1 KB being 1024 bytes.</summary>
internal static class SizeText
{
    public const string Pattern = "^[0-9]+(B|KB|MB|GB)$";

    public static long? TryParse(string text)
    {
        var unit = text.AsSpan().TrimStart("0123456789");
        var shift = unit switch
        {
            "B" => 0,
            "KB" => 10,
            "MB" => 20,
            "GB" => 30,
            _ => -1,
        };
        var number = text.AsSpan(0, text.Length - unit.Length);
        return shift >= 0 && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= long.MaxValue >> shift
            ? count << shift
            : null;
    }

    /// <summary>As written, in the largest unit that it is whole in, up to MB.</summary>
    /// <param name="bytes">Not negative.</param>
    public static string Of(long bytes) =>
        bytes % (1 << 20) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20}MB")
        : bytes % (1 << 10) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10}KB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes}B");

    /// <summary>A size that was validated when its file was read.</summary>
    public static long Parse(string text) => TryParse(text) ?? throw new FormatException($"\"{text}\" is not a size.");
}
