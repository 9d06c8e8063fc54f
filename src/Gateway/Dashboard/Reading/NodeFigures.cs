namespace CacheGateway.Dashboard.Reading;

/// <summary>One gateway of the deployment as this one knows it.</summary>
/// <param name="Name">Its <c>--node</c>.</param>
/// <param name="Instance">Tells processes of one name apart.</param>
/// <param name="IsOwn">The node that draws the page.</param>
/// <param name="Applied">The epoch it has applied, by its own report.</param>
/// <param name="IsLevel">Whether that is the newest epoch which any node here is known to have. Epochs are moments, so how many invalidations lie between cannot be told from them.</param>
/// <param name="IsCurrent">Whether it lives in the same incarnation of the fence.</param>
public sealed record NodeFigures(string Name, string Instance, bool IsOwn, long Applied, bool IsLevel, bool IsCurrent);

/// <summary>What holds this node up.</summary>
/// <param name="Uptime">Since its process counts.</param>
/// <param name="MemoryBytes">Held by stored responses.</param>
/// <param name="MemoryReserved">Held by fetches under way.</param>
/// <param name="MemoryBudget">For both.</param>
/// <param name="Entries">Keys in memory.</param>
/// <param name="Evicted">Keys dropped to make room since the start.</param>
/// <param name="Epoch">The highest invalidation applied here.</param>
/// <param name="Redis">"connected", or what is the matter; null = none configured.</param>
/// <param name="IsTrusted">False while this node cannot know what was invalidated elsewhere, and asks the origin.</param>
/// <param name="BusLag">Since it was last proven that no invalidation of others is missing here; null = it never was yet.</param>
/// <param name="Warnings">What an operator should know.</param>
public sealed record OwnNode(
    TimeSpan Uptime, long MemoryBytes, long MemoryReserved, long MemoryBudget, int Entries, long Evicted, long Epoch, string? Redis, bool IsTrusted,
    TimeSpan? BusLag, IReadOnlyList<string> Warnings);
