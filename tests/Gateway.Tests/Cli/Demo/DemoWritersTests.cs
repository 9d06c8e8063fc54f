using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class DemoWritersTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(10)]
    [InlineData(5)]
    public void FirstAt_AnyDuration_IsWithinItsFirstHalf(int seconds)
    {
        var duration = TimeSpan.FromSeconds(seconds);

        var starts = Enumerable.Range(0, 12).Select(index => DemoWriters.FirstAt(index, 12, TimeSpan.FromSeconds(20), duration)).ToArray();

        Assert.All(starts, start => Assert.InRange(start, TimeSpan.FromTicks(1), duration / 2));
        Assert.Equal(12, starts.Distinct().Count());
    }
}
