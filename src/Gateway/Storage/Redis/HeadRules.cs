using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// What a head read from Redis must fulfil before anything is served from it: the same as an origin's response. A seal without a key
/// proves that nothing broke, not who wrote it.
/// </summary>
internal static class HeadRules
{
    private const long LongestMs = 1L << 48;

    public static bool Holds(long epoch, long received, uint fieldLength, uint length, byte coding) =>
        epoch >= 0 && received is >= 0 and < LongestMs
        && fieldLength <= BodyCodec.MaxField && length <= BodyCodec.MaxBody
        && (length == 0) == (fieldLength == 0)
        && (coding == (byte)BodyCoding.Brotli || (coding == (byte)BodyCoding.None && length == fieldLength));

    public static bool Holds(in Freshness freshness) =>
        Enum.IsDefined(freshness.Source)
        && freshness.Lifetime is >= 0 and < LongestMs && freshness.InitialAge is >= 0 and < LongestMs
        && freshness.StaleWhileRevalidate is >= 0 and < LongestMs && freshness.StaleIfError is >= 0 and < LongestMs;

    public static bool Holds(int status, long date, long modified, HeaderField[] fields) =>
        status is >= 200 and <= 599 && status is not (206 or 304)
        && IsTime(date) && IsTime(modified)
        && Array.TrueForAll(fields, field => Tokens.IsToken(field.Name) && IsValue(field.Value) && !HopByHop.Is(field.Name) && !field.Is("Age"));

    public static bool Holds(VaryValue[] vary, string[] tags, string? etag, string? directives, long maxAge) =>
        Array.TrueForAll(vary, value => Tokens.IsToken(value.Name))
        && Array.TrueForAll(tags, tag => TagText.IsTag(tag))
        && (etag is null || IsValue(etag)) && (directives is null ? maxAge == -1 : IsValue(directives) && maxAge is >= -1 and < LongestMs);

    /// <summary>RFC 9110 5.5: no control characters; and nothing above Latin-1, which is how fields travel.</summary>
    private static bool IsValue(string value) => Tokens.IsFieldValue(value) && value.AsSpan().IndexOfAnyExceptInRange('\0', '\u00ff') < 0;

    private static bool IsTime(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks;
}
