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

    private static readonly TimeSpan RecordEvery = TimeSpan.FromMinutes(1);

    /// <summary>Trust is a comparison with the clock, and tells nobody when it comes.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await popularity.SaveAsync();
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

        await popularity.LoadAsync();

        if (WarmPlanner.Distinct(planner.Listed().Concat(popularity.Targets())) is { Count: > 0 } targets)
        {
            jobs.Start("start", targets, Concurrency, 0);
        }

        using var timer = new PeriodicTimer(RecordEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await popularity.SaveAsync();
        }
    }

    private async Task StartedAsync(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stopping);
    }
}
