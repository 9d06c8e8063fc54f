using CacheGateway.Diagnostics;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Warming;

/// <summary>
/// Fetches anew what an invalidation cleared, for policies that ask for it: the responses that were asked for most first, within limits. Only on
/// the node that took the invalidation; the others find the result in Redis. Invalidations in quick succession make one warm-up.
/// </summary>
internal sealed class ClearedWarming(
    Invalidator invalidator, IPolicySource policies, MemoryTier memory, TieredStore store, TagEpochs epochs, WarmJobs jobs, TimeProvider time, ILogger<ClearedWarming> logger) : BackgroundService
{
    /// <summary>Responses fetched anew after an invalidation, however many it cleared: a tag of everything that is raised again and again must not have the origin asked for everything again and again.</summary>
    private const int Most = 200;

    private const int Concurrency = 4;

    private const string Cause = "invalidation";

    /// <summary>Invalidations come in groups: what is cleared within it is warmed together.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    /// <summary>While as many warm-ups run as may.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _raised = new(0, 1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        invalidator.Applied += Notice;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        invalidator.Applied -= Notice;
        return base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _raised.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _raised.WaitAsync(stoppingToken);
            await Task.Delay(Settle, time, stoppingToken);
            try
            {
                await WarmAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // This one is lost, and nothing else.
                logger.WarmingFailed(exception, Cause);
            }
        }
    }

    private async Task WarmAsync(CancellationToken stopping)
    {
        while (Cleared() is { Count: > 0 } cleared)
        {
            if (jobs.Start(Cause, WarmPlanner.Distinct(cleared.Select(one => one.Target)), Concurrency, 0) is { } job)
            {
                // One at a time: what is cleared meanwhile is the next one's.
                await job.Completion.WaitAsync(stopping);
                foreach (var (response, _) in cleared)
                {
                    if (epochs.Check(response) == Liveness.Dead)
                    {
                        // Another variant or key took its place: it is never served again, and would be asked for each time.
                        store.Remove(response);
                    }
                }

                break;
            }

            // As many run as may. One of them will end.
            await Task.Delay(LookAgain, time, stopping);
        }
    }

    private void Notice(InvalidationOrder order, InvalidationReceipt receipt)
    {
        if (policies.Current.Policies.Any(policy => policy.Warm.AfterInvalidation))
        {
            try
            {
                _raised.Release();
            }
            catch (SemaphoreFullException)
            {
                // It will look in any case.
            }
        }
    }

    /// <summary>Those that can be asked for again, so many of them.</summary>
    private List<(StoredResponse Response, WarmTarget Target)> Cleared()
    {
        var table = policies.Current;
        var wanted = table.Policies.Where(policy => policy.Warm.AfterInvalidation && policy.Enabled).Select(policy => policy.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. memory.Responses()
                .Where(response => wanted.Contains(response.Resource.Policy) && epochs.Check(response) != Liveness.Alive)
                .OrderByDescending(response => response.Hits)
                .Select(response => (Response: response, Target: StoredTarget.Of(response, table.Policies)))
                .Where(one => one.Target is not null)
                .Take(Most)
                .Select(one => (one.Response, one.Target!)),
        ];
    }
}
