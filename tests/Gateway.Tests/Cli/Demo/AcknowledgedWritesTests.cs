using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class AcknowledgedWritesTests
{
    private readonly AcknowledgedWrites _writes = new();

    [Fact]
    public void Before_NothingWritten_IsZero() => Assert.Equal(0, _writes.Before("clients", 100));

    [Fact]
    public void Before_WriteConfirmedAfterTheRequestWasSent_DoesNotCount()
    {
        _writes.Add(["clients"], 7, at: 100);

        Assert.Equal(0, _writes.Before("clients", sentAt: 100));
        Assert.Equal(7, _writes.Before("clients", sentAt: 101));
    }

    [Fact]
    public void Before_WritesConfirmedOutOfOrder_IsTheHighest()
    {
        _writes.Add(["clients", "client:1"], 9, at: 10);
        _writes.Add(["clients"], 8, at: 20);

        Assert.Equal(9, _writes.Before("clients", sentAt: 30));
        Assert.Equal(9, _writes.Before("client:1", sentAt: 30));
        Assert.Equal(0, _writes.Before("client:2", sentAt: 30));
    }
}
