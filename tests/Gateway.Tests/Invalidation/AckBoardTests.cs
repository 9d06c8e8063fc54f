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
        var board = new AckBoard();
        var wait = board.Add(Raised, Epoch);

        board.Look(new SyncReply(current, 0, Epoch, [], [new LiveNode("i", "node", incarnation, applied)]), board.Sending());

        Assert.Equal(hasApplied ? ["node"] : [], wait.Status.Applied.Select(node => node.Node));
        Assert.Equal(hasApplied ? [] : ["node"], wait.Status.Missing);
        Assert.Equal(hasApplied, wait.All.IsCompleted);
    }

    [Fact]
    public void SyncThatWasSentBeforeTheRaise_SaysNothing()
    {
        var board = new AckBoard();
        var sent = board.Sending();
        var wait = board.Add(Raised, Epoch);

        board.Look(new SyncReply(Raised, 0, Epoch, [], [new LiveNode("i", "node", Raised, Epoch)]), sent);

        Assert.False(wait.Status.IsKnown);
        Assert.False(wait.All.IsCompleted);
    }

    [Fact]
    public void NodesThatRedisForgot_AreNamed_AndNotWaitedFor()
    {
        var board = new AckBoard();
        var wait = board.Add(Raised, Epoch);

        board.Look(new SyncReply(Raised, 0, Epoch, [], [new LiveNode(LiveNode.Forgotten, "forgotten-by-redis", 0, 0)]), board.Sending());

        Assert.Equal("forgotten-by-redis", Assert.Single(wait.Status.Missing));
        Assert.True(wait.All.IsCompleted);
    }
}
