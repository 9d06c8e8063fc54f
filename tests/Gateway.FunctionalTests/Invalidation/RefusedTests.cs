using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Redis takes a raise and refuses a part of it, or takes none: what is written is told as written, and nothing is written over and over.</summary>
public sealed class RefusedTests
{
    [Fact]
    [Fault("F-01", "Redis is away while much is written: the log says so once a second at most, and how much it left out")]
    public async Task ManyRaisesWithoutRedis_AreLoggedOnceASecond()
    {
        using var log = new KeptLog();
        await using var nodes = await Nodes.StartAsync(1, builder => builder.Logging.AddProvider(log));
        await nodes.Redis.KillAsync();
        var clock = Stopwatch.StartNew();

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(202, (await nodes.RaiseAsync(new { tags = (string[])["t"] })).Status);
        }

        Assert.InRange(log.Lines.Count(line => line.Contains("applied here and journaled", StringComparison.Ordinal)), 1, clock.Elapsed.TotalSeconds + 1);
    }
}
