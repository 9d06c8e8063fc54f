using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>What a refresh that found a change says about the answers served before it. Pure.</summary>
internal static class Staleness
{
    public static bool IsSameBody(BodySegments left, BodySegments right)
    {
        if (ReferenceEquals(left.Identity, right.Identity))
        {
            return true;
        }

        if (left.Length != right.Length)
        {
            return false;
        }

        long at = 0;
        var (i, j, inLeft, inRight) = (0, 0, 0, 0);
        while (at < left.Length)
        {
            var a = left[i].AsSpan(inLeft);
            var b = right[j].AsSpan(inRight);
            var length = Math.Min(a.Length, b.Length);
            if (!a[..length].SequenceEqual(b[..length]))
            {
                return false;
            }

            at += length;
            (i, inLeft) = length == a.Length ? (i + 1, 0) : (i, inLeft + length);
            (j, inRight) = length == b.Length ? (j + 1, 0) : (j, inRight + length);
        }

        return true;
    }

    /// <summary>
    /// For how long answers from the older response were wrong. At most: from when it was received until it was replaced, or until nothing allowed
    /// to use it any more. At least: from when the newer says it was modified until the older was last served; null where that is not known. A
    /// second is taken off, which is as exact as HTTP dates are.
    /// </summary>
    public static (TimeSpan? Least, TimeSpan Most) Bounds(StoredResponse before, StoredResponse after)
    {
        var usable = Math.Max(0, before.Freshness.Lifetime - before.Freshness.InitialAge)
            + (before.Freshness.NeverStale ? 0 : Math.Max(before.Freshness.StaleWhileRevalidate, before.Freshness.StaleIfError));
        var most = TimeSpan.FromMilliseconds(Math.Clamp(after.Freshness.ReceivedAt - before.Freshness.ReceivedAt, 0, usable));
        if (after.LastModified is not { } modified || modified <= before.Date || modified > after.Date || before.Hits == 0)
        {
            return (null, most);
        }

        var served = after.Date - TimeSpan.FromMilliseconds(after.Freshness.ReceivedAt - before.LastHit);
        var least = served - modified - TimeSpan.FromSeconds(1);
        return (least > TimeSpan.Zero && least <= most ? least : null, most);
    }
}
