using System.Net.Sockets;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using Gateway.Tests.Policies;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Tests.Pipeline.Resilience;

public sealed class DestinationGuardTests
{
    private static readonly IForwarderErrorFeature NoAnswer = new Failure(ForwarderError.RequestTimedOut);
    private static readonly IForwarderErrorFeature NotConnected = new Failure(ForwarderError.RequestTimedOut, new TaskCanceledException("", new TimeoutException()));

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, true)]
    [InlineData(HttpRequestError.ResponseEnded, true)]
    [InlineData(HttpRequestError.InvalidResponse, false)]
    public void NoAnswer_CountsAgainstTheDestination_ABrokenOneDoesNot(HttpRequestError cause, bool counts) =>
        Assert.Equal(counts, DestinationGuard.GaveNoAnswer(ForwarderError.Request, new HttpRequestException(cause)));

    [Theory]
    [InlineData(ForwarderError.RequestTimedOut, true)]
    [InlineData(ForwarderError.None, false)]
    [InlineData(ForwarderError.RequestCanceled, false)]
    [InlineData(ForwarderError.RequestBodyClient, false)]
    [InlineData(ForwarderError.ResponseBodyDestination, false)]
    [InlineData(ForwarderError.ResponseBodyClient, false)]
    public void Error_CountsWhereNothingCame(ForwarderError error, bool counts) =>
        Assert.Equal(counts, DestinationGuard.GaveNoAnswer(error, new IOException("", new SocketException((int)SocketError.ConnectionReset))));

    /// <summary>However few requests there are, and however many were answered before: who finds no connection goes to another each time, and waits for it.</summary>
    [Fact]
    public void NoConnectionAFewTimesInARow_OpensIt_WhereThereAreOthers()
    {
        var guard = new DestinationGuard(new OriginLimits(), new ManualTime());
        for (var i = 0; i < 100; i++)
        {
            guard.Tell(null, hasOthers: true);
        }

        guard.Tell(NotConnected, hasOthers: true);
        guard.Tell(NotConnected, hasOthers: true);
        Assert.False(guard.IsOpen);
        guard.Tell(NotConnected, hasOthers: true);

        Assert.True(guard.IsOpen);
    }

    [Fact]
    public void NoConnection_WithAnAnswerInBetween_OpensNothing()
    {
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 100 }, new ManualTime());
        for (var i = 0; i < 10; i++)
        {
            guard.Tell(NotConnected, hasOthers: true);
            guard.Tell(NotConnected, hasOthers: true);
            guard.Tell(null, hasOthers: true);
        }

        Assert.False(guard.IsOpen);
    }

    [Fact]
    public async Task OpenedByNoConnection_AndAnsweredSince_ItTakesAsManyAgain()
    {
        var time = new ManualTime();
        var guard = Opened(time);

        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));
        guard.Tell(NotConnected, hasOthers: true);

        Assert.True(guard.IsClosed);
    }

    /// <summary>Whoever has the answer asks again at once, and must not be told that the destination is left alone: however soon it came.</summary>
    [Fact]
    public async Task AnswerOfTheTrial_ClosesIt_BeforeAnybodyHasIt()
    {
        var time = new ManualTime();
        var guard = Opened(time);

        time.Advance(TimeSpan.FromSeconds(6));
        var forward = new ForwardFeature();
        var isClosedThen = false;
        await guard.ForwardAsync(new DefaultHttpContext(), forward, _ =>
        {
            // On the thread that sends it, before that waits for anything.
            forward.OnAnswer!();
            isClosedThen = guard.IsClosed;
            return Task.CompletedTask;
        });

        Assert.True(isClosedThen);
        Assert.True(guard.IsClosed);
    }

    /// <summary>A trial that found no connection is sent to another destination, whose answer says nothing of this one, however far its next trial is by then.</summary>
    [Fact]
    public async Task AnswerOfAnother_DoesNotCloseIt()
    {
        var time = new ManualTime();
        var guard = Opened(time);

        time.Advance(TimeSpan.FromSeconds(6));
        var turnedAway = new ForwardFeature();
        await guard.ForwardAsync(new DefaultHttpContext(), turnedAway, EndsWith(NotConnected));
        turnedAway.EndAttempt();
        time.Advance(TimeSpan.FromSeconds(6));
        var hangs = new TaskCompletionSource();
        var trial = guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), _ => hangs.Task);

        turnedAway.Answered = true;

        Assert.False(guard.IsClosed);
        hangs.SetResult();
        await trial;
    }

    /// <summary>To ask it costs nothing, and it is found at once when it is back.</summary>
    [Fact]
    public void NoConnectionAFewTimes_OpensNothing_WhereThereIsNoOther()
    {
        var guard = new DestinationGuard(new OriginLimits(), new ManualTime());
        for (var i = 0; i < 10; i++)
        {
            guard.Tell(NotConnected);
        }

        Assert.False(guard.IsOpen);
    }

    /// <summary>A request from before the breaker opened that ends late is not the one that tries the destination again.</summary>
    [Fact]
    public async Task EndedAfterItOpened_DoesNotCloseIt()
    {
        var time = new ManualTime();
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2 }, time);
        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);
        Assert.True(guard.IsOpen);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(NoAnswer)));

        time.Advance(TimeSpan.FromSeconds(6));
        guard.Tell(null);
        Assert.True(guard.IsOpen);

        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), _ => Task.CompletedTask));
        Assert.False(guard.IsOpen);
    }

    /// <summary>What it would have been answered nobody knows: the next request tries the destination, without another pause, and alone.</summary>
    [Theory]
    [InlineData(ForwarderError.RequestCanceled)]
    [InlineData(ForwarderError.RequestBodyCanceled)]
    [InlineData(ForwarderError.RequestBodyClient)]
    public async Task ClientOfTheTrialLeaves_TheNextRequestIsTheTrial(ForwarderError left)
    {
        var time = new ManualTime();
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2 }, time);
        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(new Failure(left))));

        Assert.Equal((false, false), (guard.IsClosed, guard.IsOpen));
        var trial = new TaskCompletionSource();
        var context = new DefaultHttpContext();
        var trying = guard.ForwardAsync(context, new ForwardFeature(), _ => trial.Task);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)), "one at a time");
        context.Features.Set<IForwarderErrorFeature>(NoAnswer);
        trial.SetResult();
        Assert.True(await trying);
        Assert.True(guard.IsOpen);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)), "after a failure there is a pause");
    }

    [Fact]
    public async Task ClientLeavesInsideTheAnswerToTheTrial_TheBreakerCloses()
    {
        var time = new ManualTime();
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2 }, time);
        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);
        time.Advance(TimeSpan.FromSeconds(6));

        await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature { Answered = true }, EndsWith(new Failure(ForwarderError.RequestBodyCanceled)));

        Assert.True(guard.IsClosed);
    }

    /// <summary>One slow request is no reason to hold back all others for as long as it takes.</summary>
    [Fact]
    public async Task TrialThatTakesLong_GoesOn_AndTheNextRequestIsTheTrial()
    {
        var time = new ManualTime();
        var guard = OpenedAndPaused(time);
        var slow = new TaskCompletionSource();
        var trying = guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), _ => slow.Task);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)), "it is being tried");

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));
        Assert.True(guard.IsClosed);
        Assert.False(trying.IsCompleted);
        slow.SetResult();
        Assert.True(await trying);
        Assert.True(guard.IsClosed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TrialThatIsDecidedLate_DecidesAllTheSame(bool answers)
    {
        var time = new ManualTime();
        var guard = OpenedAndPaused(time);
        var slow = new TaskCompletionSource();
        var (context, forward) = (new DefaultHttpContext(), new ForwardFeature());
        var trying = guard.ForwardAsync(context, forward, _ => slow.Task);
        time.Advance(TimeSpan.FromSeconds(3));

        if (answers)
        {
            forward.Answered = true;
            Assert.True(guard.IsClosed);
            slow.SetResult();
        }
        else
        {
            context.Features.Set(NoAnswer);
            slow.SetResult();
            await trying;
            Assert.True(guard.IsOpen);
        }

        Assert.True(await trying);
    }

    [Fact]
    public async Task TrialThatIsAnsweredLate_TheNextOpeningHasItsPause()
    {
        var time = new ManualTime();
        var guard = OpenedAndPaused(time);
        var (slow, forward) = (new TaskCompletionSource(), new ForwardFeature());
        var trying = guard.ForwardAsync(new DefaultHttpContext(), forward, _ => slow.Task);
        time.Advance(TimeSpan.FromSeconds(3));
        forward.Answered = true;
        slow.SetResult();
        await trying;
        Assert.True(guard.IsClosed);

        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);

        Assert.True(guard.IsOpen);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));
    }

    /// <summary>A stream may be silent for hours, and an upload takes as long as its client likes: others do not wait to see.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task StreamOrUpload_IsNoTrialToWaitFor(bool isEndless, bool hasContent)
    {
        var time = new ManualTime();
        var guard = OpenedAndPaused(time);
        var never = new TaskCompletionSource();
        var trying = guard.ForwardAsync(new DefaultHttpContext(), Unfit(), _ => never.Task);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), Unfit(), _ => throw new InvalidOperationException("no crowd of them")));

        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));

        Assert.True(guard.IsClosed);
        Assert.False(trying.IsCompleted);

        ForwardFeature Unfit() => new() { IsEndless = isEndless, HasContent = hasContent };
    }

    [Fact]
    public async Task WallClockSetBack_ThePauseIsAsLongAsEver()
    {
        var time = new ManualTime();
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2 }, time);
        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);
        time.StepWallClock(TimeSpan.FromHours(-1));
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));
    }

    [Fact]
    public async Task PauseOfAMoment_IsOne()
    {
        var time = new ManualTime();
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2, BreakerPause = TimeSpan.FromMilliseconds(20) }, time);
        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));

        time.Advance(TimeSpan.FromMilliseconds(20));

        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), EndsWith(null)));
    }

    [Theory]
    [InlineData(ForwarderError.RequestCanceled)]
    [InlineData(ForwarderError.RequestBodyCanceled)]
    public void ClientsThatLeave_DoNotSpeakForTheDestination(ForwarderError left)
    {
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2 }, new ManualTime());
        for (var i = 0; i < 10; i++)
        {
            guard.Tell(new Failure(left));
        }

        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);

        Assert.True(guard.IsOpen);
    }

    private static DestinationGuard OpenedAndPaused(ManualTime time)
    {
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2 }, time);
        guard.Tell(NoAnswer);
        guard.Tell(NoAnswer);
        time.Advance(TimeSpan.FromSeconds(6));
        return guard;
    }

    /// <summary>By three requests in a row that found no connection, where there are other destinations.</summary>
    private static DestinationGuard Opened(ManualTime time)
    {
        var guard = new DestinationGuard(new OriginLimits(), time);
        for (var i = 0; i < 3; i++)
        {
            guard.Tell(NotConnected, hasOthers: true);
        }

        return guard;
    }

    private static RequestDelegate EndsWith(IForwarderErrorFeature? error) => context =>
    {
        context.Features.Set(error);
        return Task.CompletedTask;
    };

    private sealed record Failure(ForwarderError Error, Exception? Exception = null) : IForwarderErrorFeature;
}
