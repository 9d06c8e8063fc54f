using System.Diagnostics.CodeAnalysis;
using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Invalidation.Events;

/// <summary>From what happened to what it invalidates, by the event map of the policies. What says nothing is counted, logged now and then, and ignored.</summary>
internal sealed class EventScopes(IPolicySource policies, GatewayMetrics metrics, TimeProvider time, ILogger<EventScopes> logger)
{
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(1);

    private readonly Action _ignored = metrics.Count("cachegateway.events.ignored", "Events that no rule names, that lack data, or that cannot be read.");
    private long _loggedAt;

    /// <param name="message">What happened.</param>
    /// <param name="scope">What its data fills of the rule's tags.</param>
    /// <param name="found">Whether a rule names it, and the rule's tags that its data does not fill, as the rule has them.</param>
    public bool TryMap(EventMessage message, [NotNullWhen(true)] out InvalidationScope? scope, out EventTags found)
    {
        found = policies.Current.Events.TagsFor(message.Event, message.Data);
        scope = found.Tags.Count > 0 ? new InvalidationScope { Tags = [.. found.Tags] } : null;
        if (!found.Known)
        {
            Ignore("no rule names it");
        }
        else if (found.Unfilled.Count > 0)
        {
            Ignore("its data does not fill the rule's tags");
        }

        return scope is not null;
    }

    public void Ignore(string why)
    {
        _ignored();
        var last = Volatile.Read(ref _loggedAt);
        if ((last == 0 || time.GetElapsedTime(last) > LogPause) && Interlocked.CompareExchange(ref _loggedAt, Math.Max(1, time.GetTimestamp()), last) == last)
        {
            logger.EventIgnored(why);
        }
    }
}
