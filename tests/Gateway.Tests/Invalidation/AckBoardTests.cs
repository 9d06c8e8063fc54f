using CacheGateway.Invalidation.Redis;

namespace CacheGateway.Tests.Invalidation;

/// <summary>Which nodes a receipt may say of that they have applied a raise.</summary>
public sealed class AckBoardTests
{
    private const long Raised = 7;
    private const long Epoch = 1000;

    [Theory]
    [InlineData(Raised, Raised, Epoch, true)]
    [InlineData(Raised, Raised, Epoch - 1, false)]
    // Another incarnation began since: whoever lives in it holds nothing older.
    [InlineData(9, 9, 0, true)]
    [InlineData(9, Raised, Epoch, true)]
    [InlineData(9, Raised, Epoch - 1, false)]
    // Left behind in an older one, whatever it has applied there.
    [InlineData(9, 5, Epoch + 1, false)]
    [InlineData(Raised, 5, Epoch + 1, false)]
    public void Node_HasAppliedARaise(long current, long incarnation, long applied, bool hasApplied)
    {
        var board = new AckBoard(new BusLimits());
        var wait = board.Add(Raised, Epoch);

        board.Look(new SyncReply(current, 0, Epoch, [], [new LiveNode("i", "node", incarnation, applied)]), board.Sending());

        Assert.Equal(hasApplied ? ["node"] : [], wait.Status.Applied.Select(node => node.Node));
        Assert.Equal(hasApplied ? [] : ["node"], wait.Status.Missing);
        Assert.Equal(hasApplied, wait.All.IsCompleted);
    }

    [Fact]
    public void SyncThatWasSentBeforeTheRaise_SaysNothing()
    {
        var board = new AckBoard(new BusLimits());
        var sent = board.Sending();
        var wait = board.Add(Raised, Epoch);

        board.Look(new SyncReply(Raised, 0, Epoch, [], [new LiveNode("i", "node", Raised, Epoch)]), sent);

        Assert.False(wait.Status.IsKnown);
        Assert.False(wait.All.IsCompleted);
    }

    [Fact]
    public void NodesThatRedisForgot_AreNamed_AndNotWaitedFor()
    {
        var board = new AckBoard(new BusLimits());
        var wait = board.Add(Raised, Epoch);

        board.Look(new SyncReply(Raised, 0, Epoch, [], [new LiveNode(LiveNode.Forgotten, "forgotten-by-redis", 0, 0)]), board.Sending());

        Assert.Equal("forgotten-by-redis", Assert.Single(wait.Status.Missing));
        Assert.True(wait.All.IsCompleted);
    }

    /// <summary>Who answers does so at once; who does not is away, and a Redis that all ask hundreds of times a second has others to serve.</summary>
    [Fact]
    public void WhoIsWaitedForInVain_IsAskedForLessAndLessOften()
    {
        var limits = new BusLimits();
        var board = new AckBoard(limits);
        Assert.Equal(limits.SyncEvery, board.NextPause());
        var wait = board.Add(Raised, Epoch);

        Assert.Equal([2, 4, 8, 16, 32, 50, 50], Enumerable.Range(0, 7).Select(_ => board.NextPause().TotalMilliseconds));
        board.Add(Raised, Epoch + 1);
        Assert.Equal(2, board.NextPause().TotalMilliseconds);
        board.Remove(wait);
        Assert.Equal(4, board.NextPause().TotalMilliseconds);
    }
}
