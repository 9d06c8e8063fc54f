using System.Text;
using CacheGateway.Pipeline;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http;

namespace CacheGateway.Tests.Pipeline;

/// <summary>What passes is told of as whole before the client can have read the whole, and never when it is not.</summary>
public sealed class TeeBodyTests
{
    [Fact]
    public async Task AnnouncedLength_IsToldOfBeforeTheLastPieceGoesOn()
    {
        using var client = new MemoryStream();
        var seenByClient = -1L;
        await using var tee = Tee(client, 6, () => seenByClient = client.Length);

        await tee.WriteAsync(Encoding.ASCII.GetBytes("abc"));
        Assert.Equal(-1, seenByClient);
        await tee.WriteAsync(Encoding.ASCII.GetBytes("def"));

        Assert.Equal(3, seenByClient);
        Assert.True(tee is { IsWhole: true, IsTold: true });
        Assert.Equal("abcdef", Encoding.ASCII.GetString(client.ToArray()));
    }

    [Fact]
    public async Task EmptyBody_IsToldOfBeforeTheHeadGoesOn()
    {
        var told = 0;
        await using var tee = Tee(new MemoryStream(), 0, () => told++);

        await tee.StartAsync();
        await tee.StartAsync();

        Assert.Equal(1, told);
    }

    /// <summary>What is done with the whole may take long, and a thread that hears of connections must not be kept by it, whichever way it learns of the whole.</summary>
    [Theory]
    [InlineData(6L)]
    [InlineData(null)]
    public async Task Whole_IsToldOfInTheThreadPool(long? announced)
    {
        var told = new TaskCompletionSource<bool>();
        await using var tee = Tee(new MemoryStream(), announced, () => told.SetResult(Thread.CurrentThread.IsThreadPoolThread));
        var write = Task.CompletedTask;
        var events = new Thread(() =>
        {
            write = tee.WriteAsync(Encoding.ASCII.GetBytes("abcdef")).AsTask();
            if (announced is null)
            {
                write = tee.TellAsync().AsTask();
            }
        });
        events.Start();
        events.Join();
        await write;

        Assert.True(await told.Task, "in the pool");
        Assert.True(tee.IsTold);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7L)]
    [InlineData(5L)]
    public async Task LengthNotMet_IsNotToldOf(long? announced)
    {
        await using var tee = Tee(new MemoryStream(), announced, () => Assert.Fail("told"));

        await tee.WriteAsync(Encoding.ASCII.GetBytes("abcdef"));

        Assert.False(tee.IsTold);
    }

    [Fact]
    public async Task GivenUp_HoldsNothingAnyMore_AndGivesNothingBackTwice()
    {
        var budget = new FillBudget(new MemoryTier(1_000_000), 0.5);
        using var client = new MemoryStream();
        await using (var tee = Tee(client, null, () => Assert.Fail("told"), budget))
        {
            await tee.WriteAsync(new byte[600]);
            Assert.Equal(600, budget.Held);

            await tee.WriteAsync(new byte[600]);
            await tee.WriteAsync(new byte[100]);

            Assert.True(tee is { IsGivenUp: true, IsWhole: false });
            Assert.Equal((0, 1300), (budget.Held, client.Length));
        }

        Assert.Equal(0, budget.Held);
    }

    /// <summary>Whoever takes it counts it: by then the client may have to read it still, for as long as it likes.</summary>
    [Fact]
    public async Task Whole_IsHeldUntilItIsHandedOver()
    {
        var budget = new FillBudget(new MemoryTier(1_000_000), 0.5);
        await using var tee = Tee(new MemoryStream(), 600, () => { }, budget);

        await tee.WriteAsync(new byte[600]);

        Assert.Equal(600, budget.Held);
        Assert.Equal((600, 0), (tee.HandOver().Length, budget.Held));
    }

    /// <summary>Clients read at their own pace: however many, they leave half of the share to bodies that all wait for.</summary>
    [Fact]
    public async Task Copies_LeaveHalfOfTheShareToFills()
    {
        var budget = new FillBudget(new MemoryTier(8000), 0.5);
        await using var first = Tee(new MemoryStream(), 1000, () => { }, budget);
        await using var second = Tee(new MemoryStream(), 1000, () => { }, budget);
        await using var third = Tee(new MemoryStream(), 1000, () => { }, budget);

        Assert.Equal((false, false, true), (first.IsGivenUp, second.IsGivenUp, third.IsGivenUp));
        Assert.True(budget.TryTake(2000, 2000));
        budget.Return(2000);
        await second.DisposeAsync();
        await using var fourth = Tee(new MemoryStream(), 1000, () => { }, budget);
        Assert.False(fourth.IsGivenUp);
    }

    private static TeeBody Tee(Stream client, long? announced, Action whole, FillBudget budget) =>
        new(new StreamResponseBodyFeature(client), announced, 1000, budget, whole, () => { }, TimeProvider.System);

    private static TeeBody Tee(Stream client, long? announced, Action whole) =>
        Tee(client, announced, whole, new FillBudget(new MemoryTier(1_000_000), 0.5));
}
