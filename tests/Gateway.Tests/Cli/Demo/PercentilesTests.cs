using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(0, 1)]
    [InlineData(1, 100)]
    public void Of_OneToAHundred_IsTheNearestRank(double share, double expected) =>
        Assert.Equal(expected, Percentiles.Of([.. Enumerable.Range(1, 100).Reverse().Select(number => (double)number)], share));

    [Fact]
    public void Of_FewValues_IsOneOfThem() => Assert.Equal(3, Percentiles.Of([2, 3, 1], 0.99));

    [Fact]
    public void Of_NoValues_IsNone() => Assert.Null(Percentiles.Of([], 0.5));
}
