using CacheGateway.Diagnostics;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Storage;

namespace CacheGateway.Warming;

/// <summary>
/// Warms at start what policies list and what was popular before, and records from then on what is popular. It begins when the gateway
/// serves, and never keeps it from serving.
/// </summary>
internal sealed class StartWarming(
    IHostApplicationLifetime lifetime, WarmJobs jobs, Warmer warmer, WarmPlanner planner, Popularity popularity, TagEpochs epochs, TimeProvider time, ILogger<StartWarming> logger) : BackgroundService
{
    private const int Concurrency = 4;

    private const string Cause = "start";

    private static readonly TimeSpan RecordEvery = TimeSpan.FromMinutes(1);

    /// <summary>Between two questions whether an origin is there, which tells nobody when it is; doubled each time.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Some four minutes; who comes later is warmed by his clients.</summary>
    private const int MostQuestions = 12;

    /// <summary>Trust is a comparison with the clock, and tells nobody when it comes.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await SaveAsync();
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!popularity.IsRecorded)
        {
            logger.PopularityNotKept();
        }

        await StartedAsync(stoppingToken);

        // What a node stores before it knows the fence is dead when it does; and where the record lies in Redis, it can be read from then on.
        while (!epochs.IsTrustedNow)
        {
            await Task.Delay(LookAgain, time, stoppingToken);
        }

        try
        {
            await LoadAsync();
            if (WarmPlanner.Distinct(planner.Listed().Concat(popularity.Targets())) is { Count: > 0 } targets)
            {
                // Beside what follows: an origin may be late.
                _ = WarmAsync(targets, stoppingToken);
            }
        }
        catch (Exception exception)
        {
            // It begins cold, and records what is popular all the same.
            logger.WarmingFailed(exception, Cause);
        }

        using var timer = new PeriodicTimer(RecordEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SaveAsync();
        }
    }

    /// <summary>
    /// An origin may come up some minutes later than this gateway. Where all was refused, one target after the other asks for it, and when there is an answer everything is asked for
    /// once more.
    /// </summary>
    private async Task WarmAsync(IReadOnlyList<WarmTarget> targets, CancellationToken stopping)
    {
        try
        {
            if (jobs.Start(Cause, targets, Concurrency, 0) is { } job)
            {
                await job.Completion.WaitAsync(stopping);
                if (job.Progress is var end && end.Failed == end.Total && await IsThereLaterAsync(targets, stopping))
                {
                    jobs.Start(Cause, targets, Concurrency, 0);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The gateway ends.
        }
        catch (Exception exception)
        {
            logger.WarmingFailed(exception, Cause);
        }
    }

    /// <summary>False where the origin is there and refuses, or does not come.</summary>
    private async Task<bool> IsThereLaterAsync(IReadOnlyList<WarmTarget> targets, CancellationToken stopping)
    {
        var pause = FirstPause;
        for (var i = 0; i < MostQuestions; i++)
        {
            await Task.Delay(pause, time, stopping);
            var result = await warmer.WarmAsync(targets[i % targets.Count], stopping);
            if (result.Outcome != WarmOutcome.Failed)
            {
                return true;
            }

            if (result.Reason is not { } reason || !OriginFailure.IsShared(reason))
            {
                return false;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        return false;
    }

    private async Task LoadAsync()
    {
        try
        {
            await popularity.LoadAsync();
        }
        catch (Exception exception)
        {
            logger.PopularityNotRead(exception.GetBaseException().Message);
        }
    }

    private async Task SaveAsync()
    {
        try
        {
            await popularity.SaveAsync();
        }
        catch (Exception exception)
        {
            logger.PopularityNotWritten(exception.GetBaseException().Message);
        }
    }

    private async Task StartedAsync(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stopping);
    }
}
