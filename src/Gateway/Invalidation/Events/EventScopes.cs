using System.Diagnostics.CodeAnalysis;
using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Invalidation.Events;

/// <summary>From what happened to what it invalidates, by the event map of the policies. What says nothing is counted, logged now and then, and ignored.</summary>
internal sealed class EventScopes(IPolicySource policies, GatewayMetrics metrics, TimeProvider time, ILogger<EventScopes> logger)
{
    private const int LongestName = 64;
    private const int MostTags = 5;

    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(1);

    private readonly Action _ignored = metrics.Count("cachegateway.events.ignored", "Events that no rule names, that lack data, or that cannot be read.");
    private long _loggedAt;

    /// <summary>Told why an event was ignored, as often as the log is: once a second at most.</summary>
    public event Action<string>? Ignored;

    /// <summary>Whose rules events are mapped by now. Who also says by which rules, takes it once for both.</summary>
    public CachePolicyTable Table => policies.Current;

    /// <param name="table">Whose rules.</param>
    /// <param name="message">What happened.</param>
    /// <param name="scope">What its data fills of the rule's tags, and what these raise by the same table: another one may be in force when it is raised.</param>
    /// <param name="found">Whether a rule names it, and the rule's tags that its data does not fill, as the rule has them.</param>
    public bool TryMap(CachePolicyTable table, EventMessage message, [NotNullWhen(true)] out InvalidationScope? scope, out EventTags found)
    {
        found = table.Events.TagsFor(message.Event, message.Data);
        scope = found.Tags.Count > 0 ? new InvalidationScope { Tags = [.. table.Cascade(found.Tags)] } : null;
        if (!found.Known)
        {
            Ignore($"no rule names {Shown(message.Event)}");
        }
        else if (found.Unfilled.Count > 0)
        {
            Ignore($"the data of {Shown(message.Event)} does not fill {string.Join(", ", found.Unfilled.Take(MostTags))}");
        }

        return scope is not null;
    }

    /// <param name="why">For people; what senders wrote stands in it as <see cref="Shown"/> shows it.</param>
    public void Ignore(string why)
    {
        _ignored();
        var last = Volatile.Read(ref _loggedAt);
        if ((last == 0 || time.GetElapsedTime(last) > LogPause) && Interlocked.CompareExchange(ref _loggedAt, Math.Max(1, time.GetTimestamp()), last) == last)
        {
            logger.EventIgnored(why);
            Ignored?.Invoke(why);
        }
    }

    /// <summary>
    /// The name of an event for a log: quoted, so much of it and no more, and only as far as it is a name. What follows another character ("token=…") may be
    /// anything, and is nobody's business.
    /// </summary>
    internal static string Shown(string name)
    {
        var end = 0;
        while (end < name.Length && end < LongestName && (char.IsLetterOrDigit(name[end]) || name[end] is '.' or '_' or '-' or ':' or '/'))
        {
            end++;
        }

        return $"\"{name[..end]}{(end < name.Length ? "…" : "")}\"";
    }
}
