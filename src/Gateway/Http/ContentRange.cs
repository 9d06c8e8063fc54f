using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Content-Range of a single-part 206 (RFC 9110 14.4).</summary>
internal static class ContentRange
{
    /// <summary>Null for anything but <c>bytes first-last/(total or *)</c> with positions that fit each other.</summary>
    public static PartialContent? Parse(ReadOnlySpan<char> value)
    {
        value = value.Trim(" \t");
        if (!value.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        value = value["bytes ".Length..];
        var dash = value.IndexOf('-');
        var slash = value.IndexOf('/');
        if (dash < 1 || slash < dash)
        {
            return null;
        }

        var first = Position.Parse(value[..dash]);
        var last = Position.Parse(value[(dash + 1)..slash]);
        var unknown = value[(slash + 1)..].SequenceEqual("*");
        var total = unknown ? long.MaxValue : Position.Parse(value[(slash + 1)..]);
        return first >= 0 && last >= first && total > last ? new PartialContent(first, last, unknown ? null : total) : null;
    }
}
