using System.Globalization;
using CacheGateway.Model;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// One entry of the stream, version 1. Each names the epoch before it, so that a reader sees that none is missing:
/// <code>
/// id EPOCH-0   v 1   p EPOCH-BEFORE   n NODE   i RECEIPT   s SCOPE       (the first of an incarnation has p 0 and no more)
/// </code>
/// </summary>
/// <param name="Id">Its id in the stream, whatever wrote it.</param>
/// <param name="Epoch">0 = not one of ours.</param>
/// <param name="Previous">The epoch before it.</param>
/// <param name="Scope">What it raises.</param>
internal sealed record FenceEntry(string Id, long Epoch, long Previous, InvalidationScope Scope)
{
    public bool IsOurs => Epoch > 0;

    public static FenceEntry Read(RedisResult result)
    {
        var parts = (RedisResult[])result;
        var id = (string)parts[0] ?? "0-0";
        var fields = (string[])parts[1] ?? [];
        var previous = Field(fields, "p");
        if (!id.EndsWith("-0", StringComparison.Ordinal) || Field(fields, "v") is null
            || !long.TryParse(id.AsSpan(0, id.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !long.TryParse(previous, NumberStyles.None, CultureInfo.InvariantCulture, out var before))
        {
            return new FenceEntry(id, 0, 0, ScopeText.Everything);
        }

        // One of ours whose content is of a newer version must not be ignored.
        var isKnown = ScopeText.TryRead(Field(fields, "s") ?? "", out var scope) && Field(fields, "v") == "1";
        return new FenceEntry(id, epoch, before, isKnown ? scope! : ScopeText.Everything);
    }

    /// <summary>The value of a field, or null where an entry has none: names and values take turns.</summary>
    public static string? Field(string[] fields, string name)
    {
        for (var i = 0; i + 1 < fields.Length; i += 2)
        {
            if (fields[i] == name)
            {
                return fields[i + 1];
            }
        }

        return null;
    }
}
