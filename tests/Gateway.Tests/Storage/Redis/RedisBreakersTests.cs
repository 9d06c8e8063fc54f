using CacheGateway.Storage.Redis;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Storage.Redis;

public sealed class RedisBreakersTests
{
    [Fact]
    public async Task WallClockSetBack_ThePauseIsAsLongAsEver()
    {
        var time = new ManualTime();
        var limits = new RedisLimits();
        var breakers = new RedisBreakers(limits, time);
        for (var i = 0; i <= limits.FailuresInRow; i++)
        {
            breakers.Tell(new TimeoutException());
        }

        Assert.False(await breakers.TryAsync(() => ValueTask.FromResult<Exception?>(null)));
        time.StepWallClock(TimeSpan.FromHours(-1));
        time.Advance(limits.Pause);

        Assert.True(await breakers.TryAsync(() => ValueTask.FromResult<Exception?>(null)));
    }
}
