using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class ZipfTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.54, 0)]
    [InlineData(0.55, 1)]
    [InlineData(0.81, 1)]
    [InlineData(0.82, 2)]
    [InlineData(0.999999, 2)]
    public void RankOf_ThreeAddresses_AreDrawnAsOneHalfAndOneThird(double draw, int rank)
    {
        // 1 + 1/2 + 1/3 = 11/6, so the borders lie at 6/11 and 9/11.
        Assert.Equal(rank, new Zipf(3, 1).RankOf(draw));
    }

    [Fact]
    public void RankOf_EveryDraw_IsOneOfTheRanks()
    {
        var zipf = new Zipf(7, 1.2);

        var ranks = Enumerable.Range(0, 10_000).Select(step => zipf.RankOf(step / 10_000.0)).ToArray();

        Assert.Equal(Enumerable.Range(0, 7), ranks.Distinct());
        Assert.Equal(ranks.Order(), ranks);
    }

    [Fact]
    public void Constructor_WithoutAddresses_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Zipf(0, 1));
}
