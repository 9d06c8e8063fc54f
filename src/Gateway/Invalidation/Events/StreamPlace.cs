using System.Globalization;

namespace CacheGateway.Invalidation.Events;

/// <summary>An id of a stream, in the order of the stream.</summary>
internal readonly record struct StreamPlace(long Time, long Number) : IComparable<StreamPlace>
{
    public static StreamPlace Parse(string? text)
    {
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        return dash > 0 && long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new StreamPlace(time, number)
            : default;
    }

    public int CompareTo(StreamPlace other) => Time == other.Time ? Number.CompareTo(other.Number) : Time.CompareTo(other.Time);

    public static bool operator <(StreamPlace left, StreamPlace right) => left.CompareTo(right) < 0;

    public static bool operator >(StreamPlace left, StreamPlace right) => left.CompareTo(right) > 0;

    public static bool operator <=(StreamPlace left, StreamPlace right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StreamPlace left, StreamPlace right) => left.CompareTo(right) >= 0;
}
