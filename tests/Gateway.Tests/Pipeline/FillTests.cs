using System.Runtime.ExceptionServices;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Storage;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Pipeline;

public sealed class FillTests
{
    private static readonly CacheKey Key = new("k/", new ResourceId("http", "gw.test", "/", "p", false), 1);

    /// <summary>It is left after its end by every client that was served from it: that must not cost an exception each.</summary>
    [Theory]
    [InlineData(FillKind.Storable)]
    [InlineData(FillKind.Private)]
    public void Leave_AfterTheEnd_ThrowsAndCatchesNothing(object kind)
    {
        var fill = Started();
        fill.SetHead(new FillHead { Kind = (FillKind)kind, Status = 200, Reason = Reason.Miss }, new FillBody(0, TimeProvider.System), isWhole: true);
        fill.SetDone(null);
        fill.Dispose();

        var thrown = 0;
        var thread = Environment.CurrentManagedThreadId;
        void Count(object? _, FirstChanceExceptionEventArgs seen) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;
        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            fill.LeaderLeft();
            fill.Leave();
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }

        Assert.Equal(0, thrown);
    }

    [Fact]
    public async Task LeaderHead_OfAnAnswerInOnePiece_GoesOnWhereTheFetchEnds()
    {
        var fill = Started();
        var on = 0;
        var leader = fill.LeaderHead.ContinueWith(
            _ => on = Environment.CurrentManagedThreadId, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        fill.SetHead(FillHead.Failed(502, Reason.OriginFailed), null, isWhole: true);
        // Whatever was handed to the thread pool before these has run.
        for (var i = 0; i < 100; i++)
        {
            await Task.Run(() => { });
        }

        Assert.False(leader.IsCompleted, "not before the fetch is over");

        fill.TellLeader();

        Assert.True(leader.IsCompleted, "at once");
        Assert.Equal(Environment.CurrentManagedThreadId, on);
    }

    [Fact]
    public async Task LeaderHead_WhileTheBodyIsStillToCome_GoesOnBesideTheFetch()
    {
        var fill = Started();

        fill.SetHead(FillHead.Failed(502, Reason.OriginFailed), null);

        Assert.Equal(502, (await fill.LeaderHead.WaitAsync(TimeSpan.FromSeconds(20)))?.Status);
    }

    [Fact]
    public async Task LetLeaderGo_WhenTheClientLeaves_EndsItsWaitAloneAndNotOnTheThreadThatTells()
    {
        var fill = Started();
        using var client = new CancellationTokenSource();
        using var gone = fill.LetLeaderGo(client.Token);
        var follower = fill.HeadAsync();
        var on = 0;
        var leader = fill.LeaderHead.ContinueWith(
            head =>
            {
                on = Environment.CurrentManagedThreadId;
                return head.Result;
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var teller = new Thread(client.Cancel);
        teller.Start();
        teller.Join();

        Assert.Null(await leader.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.NotEqual(teller.ManagedThreadId, on);
        Assert.False(follower.IsCompleted, "others wait on");
        fill.SetHead(FillHead.Failed(502, Reason.OriginFailed), null);
        Assert.Equal(502, (await follower.WaitAsync(TimeSpan.FromSeconds(20))).Status);
    }

    [Fact]
    public async Task HeadAndEnd_AreThereForThoseWhoWaitedAndThoseWhoAskLater()
    {
        var fill = Started();
        Assert.Null(fill.KnownHead);
        var (head, done) = (fill.HeadAsync(), fill.DoneAsync());
        Assert.False(head.IsCompleted || done.IsCompleted, "nothing is known");

        fill.SetHead(FillHead.Failed(503, Reason.OriginBusy), null);

        Assert.Same(fill.KnownHead, await head.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Same(fill.KnownHead, await fill.HeadAsync());
        Assert.False(done.IsCompleted || fill.DoneAsync().IsCompleted, "the body is still to come");

        fill.SetDone(null);

        Assert.Null(await done.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(fill.DoneAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public void Desertion_CancelsAfterItsLimit_UnlessSomebodyCameAgain()
    {
        var time = new ManualTime();
        var fill = new Fill("g", Key, new CachePolicy { Name = "p" }, null, default, background: false, TimeSpan.FromMinutes(5), time);
        fill.Enter();
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(fill.Cancelled.IsCancellationRequested, "a client is there");
        fill.Leave();
        time.Advance(TimeSpan.FromMinutes(4));
        fill.Enter();
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(fill.Cancelled.IsCancellationRequested, "another came");

        fill.Leave();
        time.Advance(TimeSpan.FromMinutes(5));

        Assert.True(fill.Cancelled.IsCancellationRequested);
    }

    /// <summary>One comes in the very moment in which the last one leaves, before that looks whether to cancel what nobody reads.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Leave_OfWhatCannotBeShared_CancelsIt_UnlessAnotherCameMeanwhile(bool another)
    {
        var time = new ManualTime();
        var limits = new GatewayLimits();
        var gate = new FillGate(new TagEpochs(time), limits, new OriginLimits(), time);
        var fill = gate.Join("g", Key, new CachePolicy { Name = "p" }, null, mustBeNew: false, background: false, 0, static _ => false).Fill!;
        fill.SetHead(new FillHead { Kind = FillKind.Private, Status = 200, Reason = Reason.Miss }, new FillBody(null, time));
        time.TimerSet += due =>
        {
            if (another && due == limits.DesertedFill)
            {
                another = false;
                fill.Enter();
            }
        };
        var isCancelled = !another;

        gate.Leave(fill);

        Assert.Equal(isCancelled, fill.Cancelled.IsCancellationRequested);
    }

    private static Fill Started()
    {
        var fill = new Fill("g", Key, new CachePolicy { Name = "p" }, null, default, background: false, TimeSpan.FromMinutes(5), TimeProvider.System);
        fill.Enter();
        return fill;
    }
}
