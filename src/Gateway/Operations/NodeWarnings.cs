using CacheGateway.Diagnostics;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Events;

namespace CacheGateway.Operations;

/// <summary>What an operator of this node should know although it serves: one list for the probe, the health answer and the dashboard.</summary>
internal sealed class NodeWarnings(IInvalidationBus bus, ConfigurationState configuration, RuntimeFloor runtime, EventStream? events = null)
{
    /// <summary>One line for people each; empty = nothing. Made anew each time.</summary>
    public IReadOnlyList<string> Now => [.. bus.Warnings, .. events?.Problem is { } refused ? (string[])[$"events are not read: Redis refuses to give their stream ({refused})"] : [], .. configuration.Warnings, .. runtime.Warning is { } old ? (string[])[old] : []];
}
