using CacheGateway.Diagnostics;

namespace CacheGateway.Warming;

/// <summary>The warm-ups of this process: started, watched, cancelled; at its end all are cancelled. The last ones that ended can still be asked about.</summary>
internal sealed class WarmJobs(Warmer warmer, GatewayMetrics metrics, TimeProvider time, ILogger<WarmJobs> logger) : IHostedService
{
    /// <summary>Running side by side; each has a concurrency of its own.</summary>
    public const int MostRunning = 4;

    private const int MostKept = 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<WarmJob> _jobs = [];
    private bool _stopping;

    /// <summary>Raised when a job began or ended.</summary>
    public event Action<WarmProgress>? Changed;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<WarmProgress> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _jobs.Select(job => job.Progress)];
            }
        }
    }

    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _jobs.Count(job => job.IsRunning);
            }
        }
    }

    public WarmJob? Find(string id)
    {
        lock (_gate)
        {
            return _jobs.FirstOrDefault(job => job.Id == id);
        }
    }

    /// <summary>Null where as many run as may, or the process is about to end.</summary>
    public WarmJob? Start(string cause, IReadOnlyList<WarmTarget> targets, int concurrency, double perSecond)
    {
        WarmJob job;
        WarmProgress began;
        lock (_gate)
        {
            if (_stopping || _jobs.Count(other => other.IsRunning) >= MostRunning)
            {
                return null;
            }

            job = new WarmJob(Guid.NewGuid().ToString("N")[..12], cause, targets, concurrency, perSecond, time);
            _jobs.AddFirst(job);
            Forget();

            began = job.Progress;
            job.Start(warmer, metrics);
        }

        Changed?.Invoke(began);
        _ = WatchAsync(job);
        return job;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        WarmJob[] jobs;
        lock (_gate)
        {
            _stopping = true;
            jobs = [.. _jobs];
        }

        foreach (var job in jobs)
        {
            job.Cancel();
        }

        await Task.WhenAll(jobs.Select(job => job.Completion)).WaitAsync(cancellationToken);
    }

    /// <summary>Those that ended first are forgotten, wherever they stand: one that runs for hours must not keep all that came after it.</summary>
    private void Forget()
    {
        for (var node = _jobs.Last; node is not null && _jobs.Count > MostKept;)
        {
            var (job, newer) = (node.Value, node.Previous);
            if (!job.IsRunning)
            {
                _jobs.Remove(node);
                job.Dispose();
            }

            node = newer;
        }
    }

    private async Task WatchAsync(WarmJob job)
    {
        await job.Completion;
        if (job.Error is { } error)
        {
            logger.WarmingFailed(error, job.Cause);
        }

        var end = job.Progress;
        logger.Warmed(end.Cause, end.State.ToString(), end.Stored, end.Fresh, end.NotStored, end.Failed, end.Total);
        Changed?.Invoke(end);
    }
}
