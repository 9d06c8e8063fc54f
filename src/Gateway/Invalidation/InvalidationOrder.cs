using CacheGateway.Model;

namespace CacheGateway.Invalidation;

/// <summary>One invalidation on its way through the bus: what, how long to wait, and who asked for it. Tags are cascaded already.</summary>
internal sealed record InvalidationOrder
{
    /// <summary>As long as nobody says otherwise.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private const int LongestReason = 1000;

    /// <summary>Names it in receipts, logs and the audit; a replay keeps it. Of equal ones that wait for Redis the audit has the first.</summary>
    public required string Id { get; init; }

    public required InvalidationScope Scope { get; init; }

    public required InvalidationSource Source { get; init; }

    public InvalidationWait Wait { get; init; } = InvalidationWait.Local;

    /// <summary>Longest wait for other nodes.</summary>
    public TimeSpan Timeout { get; init; } = LongestWait;

    /// <summary>Why, in the words of whoever asked, of which the audit keeps the first thousand characters.</summary>
    public string Reason
    {
        get;
        init => field = value.Length <= LongestReason ? value : value[..LongestReason];
    } = "";

    /// <summary>Who asked, as far as it is known; for the audit.</summary>
    public string Who { get; init; } = "";

    /// <summary>What is done where Redis does not take it.</summary>
    public InvalidationFallback Fallback { get; init; }

    /// <summary>Name of what caused it, where that may reach several gateways or come again: what is raised by it is raised once. Null = nothing to remember.</summary>
    public string? Once { get; init; }
}

/// <summary>What an invalidation's answer waits for.</summary>
internal enum InvalidationWait
{
    /// <summary>That it is written down.</summary>
    None,

    /// <summary>That this node has applied it.</summary>
    Local,

    /// <summary>That every live node has applied it.</summary>
    All,
}

/// <summary>What becomes of an invalidation that Redis does not take.</summary>
internal enum InvalidationFallback
{
    /// <summary>It is applied on this node, and journaled to be raised for everybody later.</summary>
    Journal,

    /// <summary>It is journaled, and no more: nothing that this node may ever serve can be of what it names, and others may know of more.</summary>
    Tell,

    /// <summary>It is applied on this node. Its cause is kept elsewhere, and asks again.</summary>
    Here,

    /// <summary>Nothing: it was applied on this node before.</summary>
    None,
}
