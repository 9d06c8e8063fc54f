namespace CacheGateway.Invalidation;

/// <summary>
/// How an invalidation reaches every node. Two of them: within this process (<see cref="LocalInvalidationBus"/>), and through Redis.
/// Never throws because something outside is away: that is what the receipt says.
/// </summary>
internal interface IInvalidationBus
{
    /// <summary>Raises the order's scope. When this returns, no later request on this node meets anything older.</summary>
    Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation);

    /// <summary>What an operator should know; empty = all is well.</summary>
    IReadOnlyList<string> Warnings { get; }
}
