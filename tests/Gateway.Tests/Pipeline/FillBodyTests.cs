using CacheGateway.Pipeline;

namespace CacheGateway.Tests.Pipeline;

public sealed class FillBodyTests
{
    /// <summary>Both were handed everything; the one that has not written it out is what the writer waits for.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Slowest_IsTheOneThatHasNotWritten(bool isFirst)
    {
        var body = new FillBody(null, TimeProvider.System);
        var (first, second) = (body.Attach()!, body.Attach()!);
        var (slow, fast) = isFirst ? (first, second) : (second, first);
        body.BecomeWindow(FillBody.LeastWindow);

        var room = body.AppendAsync(new byte[FillBody.LeastWindow]);
        Assert.Equal(FillBody.LeastWindow, slow.Next().Length);
        Assert.Equal(FillBody.LeastWindow, fast.Next().Length);
        fast.Written();

        Assert.False(room.IsCompleted, "the slow one holds it up");
        Assert.Same(slow, body.Slowest());
        slow.Cut();
        await room.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
