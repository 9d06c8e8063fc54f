using System.Globalization;

namespace CacheGateway.Http;

/// <summary>Byte positions and lengths: digits only, nothing that a <see cref="long"/> does not hold.</summary>
internal static class Position
{
    public static long Parse(ReadOnlySpan<char> digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1;
}
