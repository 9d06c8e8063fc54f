using CacheGateway.Storage;

namespace CacheGateway.Invalidation;

/// <summary>
/// The embedded default: one process, whose own counter gives the epochs. What is applied here is applied everywhere, and there is nothing
/// more durable than this process's own memory.
/// </summary>
internal sealed class LocalInvalidationBus(TagEpochs epochs, NodeName node, AuditMemory audit, TimeProvider time) : IInvalidationBus
{
    private readonly OnceMemory _done = new(time);
    private readonly Lock _gate = new();

    public IReadOnlyList<string> Warnings => [];

    public Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
    {
        bool isRepeated;
        long epoch;
        // What is known as done is done: who comes with it again is not told so before it is raised.
        lock (_gate)
        {
            isRepeated = order.Once is { } once && !_done.TryAdd(once);
            epoch = isRepeated ? epochs.Applied : epochs.Raise(order.Scope);
        }

        if (!isRepeated)
        {
            audit.Add(order, epoch);
        }

        return Task.FromResult(new InvalidationReceipt(order.Id, epoch, true, [new NodeEpoch(node.Value, epochs.Applied)], []) { IsRepeated = isRepeated });
    }
}
