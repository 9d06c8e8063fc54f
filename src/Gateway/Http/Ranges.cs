using System.Globalization;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>First and last byte position, inclusive.</summary>
public readonly record struct ByteRange(long First, long Last);

/// <summary>What a Range makes of a stored response.</summary>
public enum RangeOutcome
{
    Whole,
    Partial,
    Unsatisfiable,
}

/// <summary>
/// Range requests (RFC 9110 14.2) on stored responses: one byte range. Several ranges in one request are answered whole, as 14.2 allows;
/// what is not a byte range is ignored.
/// </summary>
public static class Ranges
{
    /// <param name="range">Range of the request, or null.</param>
    /// <param name="ifRange">If-Range of the request, or null.</param>
    /// <param name="stored">The stored response, complete or partial.</param>
    /// <param name="positions">The positions to send when the outcome is <see cref="RangeOutcome.Partial"/>.</param>
    public static RangeOutcome Evaluate(string? range, string? ifRange, StoredResponse stored, out ByteRange positions)
    {
        ArgumentNullException.ThrowIfNull(stored);
        positions = default;
        var isPartial = stored.Partial is not null;
        if (range is null || (stored.Status != 200 && !isPartial) || !Holds(ifRange, stored))
        {
            return RangeOutcome.Whole;
        }

        var total = stored.Partial is { } partial ? partial.Total ?? partial.Last + 1 : stored.Body.Length;
        if (Parse(range) is not var (first, last))
        {
            return RangeOutcome.Whole;
        }

        if (first is null)
        {
            // A suffix: the last so many bytes; none is not satisfiable.
            if (last == 0)
            {
                return RangeOutcome.Unsatisfiable;
            }

            positions = new ByteRange(Math.Max(0, total - last!.Value), total - 1);
            return total == 0 ? RangeOutcome.Unsatisfiable : RangeOutcome.Partial;
        }

        if (first >= total)
        {
            return RangeOutcome.Unsatisfiable;
        }

        positions = new ByteRange(first.Value, Math.Min(last ?? total - 1, total - 1));
        return RangeOutcome.Partial;
    }

    /// <summary>Whether a stored 206 holds every byte that the request asks for.</summary>
    public static bool IsHeldBy(string? range, string? ifRange, StoredResponse stored, PartialContent partial)
    {
        ArgumentNullException.ThrowIfNull(partial);
        if (range is null || Parse(range) is not var (first, last))
        {
            return false;
        }

        // Without a known total, a suffix or an open end cannot be placed.
        if (partial.Total is null && (first is null || last is null))
        {
            return false;
        }

        return Evaluate(range, ifRange, stored, out var positions) == RangeOutcome.Partial && positions.First >= partial.First && positions.Last <= partial.Last;
    }

    /// <summary>"bytes=a-b", "bytes=a-", "bytes=-n"; null for anything else, several ranges included.</summary>
    private static (long? First, long? Last)? Parse(string range)
    {
        var text = range.AsSpan().Trim(" \t");
        if (!text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        text = text[6..].Trim(" \t");
        var dash = text.IndexOf('-');
        if (dash < 0 || text.Contains(','))
        {
            return null;
        }

        var left = Number(text[..dash]);
        var right = Number(text[(dash + 1)..]);
        var valid = (dash == 0 || left is not null) && (dash == text.Length - 1 || right is not null) && (left is not null || right is not null)
            && (left is null || right is null || left <= right);
        return valid ? (left, right) : null;
    }

    private static long? Number(ReadOnlySpan<char> digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>RFC 9110 13.1.5: a strong match of the entity tag, or exactly the date.</summary>
    private static bool Holds(string? ifRange, StoredResponse stored)
    {
        if (ifRange is null)
        {
            return true;
        }

        var value = ifRange.Trim(' ', '\t');
        return value.StartsWith('"') || value.StartsWith("W/", StringComparison.Ordinal)
            ? stored.ETag is { } etag && EntityTag.StrongEquals(value, etag)
            : HttpDate.Parse(value) is { } date && stored.LastModified == date && IsStrong(stored);
    }

    /// <summary>RFC 9110 8.8.2.2: a Last-Modified is strong when the response was made at least a second later.</summary>
    private static bool IsStrong(StoredResponse stored) => stored.LastModified is { } modified && stored.Date - modified >= TimeSpan.FromSeconds(1);
}
