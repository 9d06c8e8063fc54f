using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

/// <summary>Past invalidations of a test.</summary>
internal sealed class PastRaises(params PastRaise[] raises) : IPastRaises
{
    private int _next;

    /// <summary>All that is left in <paramref name="source"/>.</summary>
    public static List<PastRaise> All(IPastRaises source)
    {
        var all = new List<PastRaise>();
        while (source.TryTake(out var raise))
        {
            all.Add(raise);
        }

        return all;
    }

    public bool TryTake(out PastRaise raise)
    {
        raise = _next < raises.Length ? raises[_next] : default;
        return _next++ < raises.Length;
    }
}
