using CacheGateway.Diagnostics;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Events;
using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Operations;

/// <summary>What an operator of this node should know although it serves: one list for the probe, the health answer and the dashboard.</summary>
internal sealed class NodeWarnings(IInvalidationBus bus, ConfigurationState configuration, IPolicySource policies, DefaultPolicy defaults, RuntimeFloor runtime, EventStream? events = null)
{
    /// <summary>One line for people each; empty = nothing. Made anew each time.</summary>
    public IReadOnlyList<string> Now =>
    [
        .. bus.Warnings,
        .. events?.Problem is { } refused ? (string[])[$"events are not read: Redis refuses to give their stream ({refused})"] : [],
        .. configuration.Warnings,
        .. policies.LastErrors is [var first, ..] errors ? (string[])[$"the policy file was changed and cannot be used, the last good one stays: {first}{(errors.Count > 1 ? $" (and {errors.Count - 1} more)" : "")}"] : [],
        .. defaults.SwitchedOffBy(policies.Current) is { } off ? (string[])[$"caching is switched off as a whole by {off}: every request goes to the origin"] : [],
        .. runtime.Warning is { } old ? (string[])[old] : [],
    ];
}
