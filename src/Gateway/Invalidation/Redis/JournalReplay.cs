namespace CacheGateway.Invalidation.Redis;

/// <summary>Raises for everybody what was raised on this node alone, in its order, with new epochs. Replayed by the bus's loop alone.</summary>
internal sealed class JournalReplay(Journal journal, FenceChannel channel, FenceReplica replica, BusMetrics metrics)
{
    /// <summary>Invalidations that wait for Redis.</summary>
    public int Count => journal.Count;

    public void Add(InvalidationOrder order) => journal.Add(order);

    /// <summary>True when something was raised; what Redis does not take now waits for the next round.</summary>
    public async Task<bool> RunAsync()
    {
        var any = false;
        while (journal.TryPeek(out var order))
        {
            if (await channel.RaiseAsync(order, replica.Position) is not { } reply)
            {
                return any;
            }

            journal.Remove(order);
            replica.TakeOwn(reply, order.Scope);
            metrics.Replayed();
            any = true;
        }

        return any;
    }
}
