using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Range and If-Range against a stored response (RFC 9110 14.2, 13.1.5, RFC 9111 3.3).</summary>
public static class Ranges
{
    /// <summary>
    /// One range only: several make <see cref="RangeOutcome.Whole"/> (14.2 lets a server ignore them, and answering each costs more than the whole).
    /// So do other units and what does not parse. Callers give a null range for HEAD. For a stored part see <see cref="Answers"/> first.
    /// </summary>
    public static RangeOutcome Evaluate(string? range, string? ifRange, StoredResponse stored, out ByteRange selected)
    {
        ArgumentNullException.ThrowIfNull(stored);
        selected = default;
        if (range is null || stored.Status is not (200 or 206) || (ifRange is not null && !IsUnchanged(ifRange, stored)))
        {
            return RangeOutcome.Whole;
        }

        var total = stored.Partial is { } part ? part.Total : stored.Body.Length;
        var outcome = Resolve(range, total, out selected);
        return outcome == RangeOutcome.Partial && !IsHeld(stored, selected) ? RangeOutcome.Whole : outcome;
    }

    /// <summary>Whether a stored part can answer the request by itself (RFC 9111 3.3): a GET for one range that lies within it.</summary>
    internal static bool Answers(StoredResponse stored, in RequestFacts request) =>
        !request.IsHead && Evaluate(request.Range, request.IfRange, stored, out _) == RangeOutcome.Partial;

    internal static bool Holds(StoredResponse stored, string range) => Evaluate(range, null, stored, out _) == RangeOutcome.Partial;

    /// <summary>
    /// Whether If-Range says by a date what the client has a part of. A date is of the resource, and the same for all its codings (RFC 9110 8.8.1): where some are made here it proves
    /// nothing, whichever of them is asked for now.
    /// </summary>
    internal static bool IsByDate(string? ifRange) => ifRange is not null && !IsTag(ifRange.AsSpan().Trim(" \t"));

    private static bool IsTag(ReadOnlySpan<char> text) => text.StartsWith("\"") || EntityTags.IsWeak(text);

    private static bool IsHeld(StoredResponse stored, ByteRange range) =>
        stored.Partial is not { } part || (range.First >= part.First && range.Last <= part.Last);

    /// <summary>RFC 9110 13.1.5: a strong tag, or exactly the Last-Modified date where that is a strong validator (8.8.2.2).</summary>
    private static bool IsUnchanged(string ifRange, StoredResponse stored)
    {
        var text = ifRange.AsSpan().Trim(" \t");
        if (IsTag(text))
        {
            return stored.ETag is { } tag && EntityTags.Same(text, tag, strong: true);
        }

        return stored.LastModified is { } modified
            && stored.ModifiedStrength != DateStrength.Weak
            && HttpDate.Parse(ifRange) == modified;
    }

    /// <summary>RFC 9110 14.1.2. A length that nobody knows (a part of "*") leaves only ranges with both ends.</summary>
    private static RangeOutcome Resolve(ReadOnlySpan<char> range, long? total, out ByteRange selected)
    {
        selected = default;
        var equals = range.IndexOf('=');
        if (equals < 0 || !range[..equals].Trim(" \t").Equals("bytes", StringComparison.OrdinalIgnoreCase))
        {
            return RangeOutcome.Whole;
        }

        var spec = range[(equals + 1)..].Trim(" \t,");
        var dash = spec.IndexOf('-');
        if (dash < 0 || spec.Contains(','))
        {
            return RangeOutcome.Whole;
        }

        var left = spec[..dash];
        var right = spec[(dash + 1)..];
        return left.IsEmpty ? Suffix(Position.Parse(right), total, out selected) : FromFirst(Position.Parse(left), right, total, out selected);
    }

    private static RangeOutcome Suffix(long count, long? total, out ByteRange selected)
    {
        selected = default;
        if (count < 0 || total is not { } length)
        {
            return RangeOutcome.Whole;
        }

        if (count == 0)
        {
            return RangeOutcome.Unsatisfiable;
        }

        // The last bytes of nothing are nothing, which a 206 cannot say.
        selected = new ByteRange(Math.Max(0, length - count), length - 1);
        return length == 0 ? RangeOutcome.Whole : RangeOutcome.Partial;
    }

    private static RangeOutcome FromFirst(long first, ReadOnlySpan<char> right, long? total, out ByteRange selected)
    {
        selected = default;
        var open = right.IsEmpty;
        var last = open ? (total ?? 0) - 1 : Position.Parse(right);
        if (first < 0 || (open && total is null) || (!open && last < first))
        {
            return RangeOutcome.Whole;
        }

        if (first >= total)
        {
            return RangeOutcome.Unsatisfiable;
        }

        selected = new ByteRange(first, Math.Min(last, (total ?? long.MaxValue) - 1));
        return RangeOutcome.Partial;
    }
}
