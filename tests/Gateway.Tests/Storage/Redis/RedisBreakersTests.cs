using CacheGateway.Storage.Redis;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Storage.Redis;

public sealed class RedisBreakersTests
{
    /// <summary>A server that answers every other call is too slow to be asked, though it never fails often in a row.</summary>
    [Fact]
    public void EveryOtherCallFails_OpensWithTheTwentieth()
    {
        var breakers = new RedisBreakers(new RedisLimits(), new ManualTime());
        TellInTurn(breakers, 19);
        Assert.True(breakers.IsClosed, "fewer say nothing");

        breakers.Tell(new TimeoutException());

        Assert.False(breakers.IsClosed);
    }

    [Theory]
    [InlineData(1.1, 19)]
    [InlineData(0, 21)]
    public void FewerThanHalfWithinASecond_OpensNothing(double seconds, int before)
    {
        var time = new ManualTime();
        var breakers = new RedisBreakers(new RedisLimits(), time);
        if (seconds == 0)
        {
            breakers.Tell(null);
            breakers.Tell(null);
        }

        TellInTurn(breakers, before);
        time.Advance(TimeSpan.FromSeconds(seconds));
        breakers.Tell(new TimeoutException());

        Assert.True(breakers.IsClosed);
    }

    /// <summary>An answer first, then a failure, and so on.</summary>
    private static void TellInTurn(RedisBreakers breakers, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            breakers.Tell(i % 2 == 0 ? null : new TimeoutException());
        }
    }

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
