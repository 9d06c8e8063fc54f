using CacheGateway.Diagnostics;
using CacheGateway.Storage;

namespace CacheGateway.Warming;

/// <summary>
/// Warms at start what policies list and what was popular before, and records from then on what is popular. It begins when the gateway
/// serves, and never keeps it from serving.
/// </summary>
internal sealed class StartWarming(
    IHostApplicationLifetime lifetime, WarmJobs jobs, WarmPlanner planner, Popularity popularity, TagEpochs epochs, TimeProvider time, ILogger<StartWarming> logger) : BackgroundService
{
    private const int Concurrency = 4;

    private const string Cause = "start";

    private static readonly TimeSpan RecordEvery = TimeSpan.FromMinutes(1);

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
                jobs.Start(Cause, targets, Concurrency, 0);
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
