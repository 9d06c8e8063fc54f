using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Events;
using CacheGateway.Policies;
using CacheGateway.Warming;

namespace CacheGateway.Operations;

/// <summary>Joins the parts that have something to tell to the feed, while the gateway runs.</summary>
internal sealed class LiveSources(LiveFeed feed, TrafficRecorder traffic, Invalidator invalidator, EventScopes events, IPolicySource policies, WarmJobs warming) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        traffic.SlotClosed += OnSlot;
        invalidator.Applied += OnInvalidation;
        events.Ignored += OnIgnored;
        warming.Changed += OnWarming;
        policies.Changed += OnPolicies;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        traffic.SlotClosed -= OnSlot;
        invalidator.Applied -= OnInvalidation;
        events.Ignored -= OnIgnored;
        warming.Changed -= OnWarming;
        policies.Changed -= OnPolicies;
        return Task.CompletedTask;
    }

    private void OnSlot()
    {
        var counts = traffic.Window(TrafficHistory.ShortSlot);
        feed.Publish("traffic", new
        {
            seconds = TrafficHistory.ShortSlot.TotalSeconds,
            requests = counts.Requests,
            hitRatio = counts.HitRatio,
            originRequests = counts.OriginRequests,
            failed = counts.Failed,
            cachedP99Ms = counts.CachedLatency.P99,
        });
    }

    private void OnInvalidation(InvalidationOrder order, InvalidationReceipt receipt) => feed.Publish("invalidation", new
    {
        id = receipt.Id,
        epoch = receipt.Epoch,
        durable = receipt.Durable,
        source = order.Source.ToString(),
        who = order.Who,
        reason = order.Reason,
        soft = order.Scope.Soft,
        all = order.Scope.All,
        what = AuditWords.Of(order.Scope),
        tags = order.Scope.Tags.Take(20),
        every = order.Scope.Every.Take(20),
        others = order.Scope.NameCount - order.Scope.Tags.Length - order.Scope.Every.Length,
    });

    private void OnIgnored(string why) => feed.Publish("event-ignored", new { why });

    private void OnWarming(WarmProgress job) => feed.Publish("warming", new
    {
        id = job.Id,
        state = job.State.ToString().ToLowerInvariant(),
        cause = job.Cause,
        total = job.Total,
        done = job.Done,
        stored = job.Stored,
        fresh = job.Fresh,
        notStored = job.NotStored,
        failed = job.Failed,
        seconds = job.Seconds,
    });

    private void OnPolicies(object? sender, EventArgs change) => feed.Publish("policies", new { policies = policies.Current.Names.Count, errors = policies.LastErrors.Count });
}
