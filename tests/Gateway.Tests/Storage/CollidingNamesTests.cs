using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

/// <summary>Names from outside cannot be chosen so that they fall into one bucket.</summary>
public sealed class CollidingNamesTests
{
    [Fact]
    [Attack("E10", "Strings that collide in tables")]
    public void Names_ThatCollideUnderAnUnseededHash_AreSpread()
    {
        // "Aa" and "BB" have one hash where a string is summed up by powers of 31, and so has every row of them.
        var names = Enumerable.Range(0, 1 << 14).Select(bits => string.Concat(Enumerable.Range(0, 14).Select(bit => (bits >> bit & 1) == 0 ? "Aa" : "BB"))).ToArray();
        Assert.Single(names.Select(name => name.Aggregate(0, (hash, c) => unchecked((hash * 31) + c))).Distinct());

        var spread = names.Select(name => new MarkProbe(MarkKind.Tag, "", name).Hash).Distinct().Count();

        Assert.InRange(spread, 16_000, names.Length);
    }
}
