using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class UncachedMeasurementTests
{
    [Theory]
    [InlineData("db;dur=1.3, delay;dur=198.7", "db", 1.3)]
    [InlineData("db;dur=1.3;desc=\"3 queries\", delay;dur=198.7", "db", 1.3)]
    [InlineData("db;dur=1.3, delay;dur=198.7", "delay", 198.7)]
    [InlineData("db;dur=1.3", "delay", 0)]
    [InlineData("", "db", 0)]
    public void Part_OfServerTiming_IsItsDuration(string field, string name, double expected) =>
        Assert.Equal(expected, UncachedMeasurement.Part(field, name));
}
