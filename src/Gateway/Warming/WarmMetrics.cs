using CacheGateway.Diagnostics;

namespace CacheGateway.Warming;

/// <summary>What is read of warming when metrics are asked for; what it did is counted where it happens.</summary>
internal sealed class WarmMetrics(GatewayMetrics metrics, WarmJobs jobs)
{
    public void Register()
    {
        metrics.Gauge("cachegateway.warming.jobs", "Warm-ups that are running.", () => jobs.Running);
        metrics.Gauge("cachegateway.warming.left", "Targets that running warm-ups have before them.", () => jobs.All.Where(job => job.State == WarmState.Running).Sum(job => (long)job.Total - job.Done));
    }
}
