using System.Diagnostics;
using CacheGateway.Pipeline.Resilience;

namespace CacheGateway.Tests.Pipeline.Resilience;

/// <summary>The time limits of one exchange with an origin, on timers that serve one exchange after the other.</summary>
public sealed class AnswerTimerTests
{
    [Fact]
    public async Task Silence_EndsTheToken()
    {
        using var timer = AnswerTimer.Begin(CancellationToken.None);

        timer.Wait(TimeSpan.FromMilliseconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(30), timer.Token));
    }

    [Fact]
    public void Gone_EndsTheToken()
    {
        using var gone = new CancellationTokenSource();
        using var timer = AnswerTimer.Begin(gone.Token);

        gone.Cancel();

        Assert.True(timer.Token.IsCancellationRequested);
    }

    [Fact]
    public void WhatEndedBefore_DoesNotEndTheNext()
    {
        for (var i = 0; i < 100; i++)
        {
            using var gone = new CancellationTokenSource();
            var first = AnswerTimer.Begin(gone.Token);
            if (i % 2 == 0)
            {
                gone.Cancel();
            }

            first.Dispose();
            using var second = AnswerTimer.Begin(CancellationToken.None);
            gone.Cancel();

            Assert.False(second.Token.IsCancellationRequested);
        }
    }

    /// <summary>The forwarder makes its token ready for another request before the guard is through with this one.</summary>
    [Fact]
    public void BegunWithATokenThatServesTheNextAlready_IsKeptForLater()
    {
        using var gone = new CancellationTokenSource();
        var first = AnswerTimer.Begin(gone.Token);
        Assert.True(gone.TryReset());

        first.Dispose();

        // All that are kept, to find it among them.
        var kept = Enumerable.Range(0, 1100).Select(_ => AnswerTimer.Begin(CancellationToken.None)).ToArray();
        Assert.Contains(first, kept);
        gone.Cancel();
        Assert.False(first.Token.IsCancellationRequested);
        Array.ForEach(kept, timer => timer.Dispose());
    }

    [Fact]
    public void EndedByItsToken_IsNotKeptForLater()
    {
        using var gone = new CancellationTokenSource();
        var first = AnswerTimer.Begin(gone.Token);
        gone.Cancel();

        first.Dispose();

        var kept = Enumerable.Range(0, 1100).Select(_ => AnswerTimer.Begin(CancellationToken.None)).ToArray();
        Assert.DoesNotContain(first, kept);
        Array.ForEach(kept, timer => timer.Dispose());
    }

    [Fact]
    public async Task WhatCame_IsNoLongerWaitedFor()
    {
        var limit = TimeSpan.FromMilliseconds(300);
        AnswerTimer came;
        long began;
        // Real time: again where the machine stood still between the two lines, and what came was late indeed.
        do
        {
            came = AnswerTimer.Begin(CancellationToken.None);
            began = Stopwatch.GetTimestamp();
            came.Wait(limit);
            came.Came();
        }
        while (Stopwatch.GetElapsedTime(began) > limit / 2);

        using var later = AnswerTimer.Begin(CancellationToken.None);
        later.Wait(limit * 2);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(30), later.Token));

        Assert.False(came.Token.IsCancellationRequested);
        came.Dispose();
    }

    [Fact]
    public void Overdue_IsWhatNobodyWasThereToSee()
    {
        using var timer = AnswerTimer.Begin(CancellationToken.None);
        var now = Environment.TickCount64;
        Assert.False(timer.IsOverdueAt(long.MaxValue), "nothing is waited for");

        timer.Wait(TimeSpan.FromSeconds(100));

        Assert.False(timer.IsOverdueAt(now + 101_500), "a timer may be late under load");
        Assert.True(timer.IsOverdueAt(now + 110_000), "not as late as that");
        timer.Came();
        Assert.False(timer.IsOverdueAt(now + 110_000), "it came in time");
    }
}
