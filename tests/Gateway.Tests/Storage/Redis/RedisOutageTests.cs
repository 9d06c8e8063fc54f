using CacheGateway.Storage.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace CacheGateway.Tests.Storage.Redis;

public sealed class RedisOutageTests
{
    private readonly RedisOutage _outage = new(new RedisProbe(new ConfigurationOptions(), null), "r:6379", () => false, NullLogger.Instance, CancellationToken.None);

    [Fact]
    public void SameCause_IsNewsOnceAMinute()
    {
        Assert.True(_outage.IsNews("WRONGPASS", 0));
        Assert.False(_outage.IsNews("WRONGPASS", 2_000));
        Assert.False(_outage.IsNews("WRONGPASS", 59_999));
        Assert.True(_outage.IsNews("WRONGPASS", 60_000));
        Assert.False(_outage.IsNews("WRONGPASS", 60_001));
    }

    [Fact]
    public void AnotherCause_IsNewsAtOnce()
    {
        Assert.True(_outage.IsNews("WRONGPASS", 0));
        Assert.True(_outage.IsNews("Connection refused", 1));
        Assert.False(_outage.IsNews("Connection refused", 2));
    }

    [Fact]
    public void CausesThatTakeTurns_AreNewsOnceAMinuteEach()
    {
        Assert.True(_outage.IsNews("WRONGPASS", 0));
        Assert.True(_outage.IsNews("TimeoutException", 1));
        Assert.False(_outage.IsNews("WRONGPASS", 2));
        Assert.False(_outage.IsNews("TimeoutException", 60_000));
        Assert.True(_outage.IsNews("WRONGPASS", 60_000));
    }

    [Fact]
    public void SameCause_AfterAConnection_IsNewsAtOnce()
    {
        Assert.True(_outage.IsNews("Connection refused", 0));
        _outage.End();
        Assert.True(_outage.IsNews("Connection refused", 1));
    }
}
