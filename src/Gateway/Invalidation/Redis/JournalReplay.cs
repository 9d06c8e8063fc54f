namespace CacheGateway.Invalidation.Redis;

/// <summary>Raises for everybody what was raised on this node alone, in its order, with new epochs. Replayed by the bus's loop alone.</summary>
internal sealed class JournalReplay(Journal journal, FenceChannel channel, FenceReplica replica, BusLimits limits, BusMetrics metrics, TimeProvider time)
{
    private long? _failedAt;

    /// <summary>Invalidations that wait for Redis.</summary>
    public int Count => journal.Count;

    public void Add(InvalidationOrder order) => journal.Add(order);

    /// <summary>
    /// Some in each round, and no more than fit between two syncs where Redis is slow: who waits for this node to be as far as the others must not wait for all of it, and it must not turn blind meanwhile. True when something was raised; what
    /// Redis does not take now waits for as long as two syncs are apart, however soon the next round is: a raise that is not taken may move the epoch all the same.
    /// </summary>
    public async Task<bool> RunAsync()
    {
        if (_failedAt is { } failedAt && time.GetElapsedTime(failedAt) < limits.SyncEvery)
        {
            return false;
        }

        _failedAt = null;
        var any = false;
        var startedAt = time.GetTimestamp();
        for (var count = 0; count < limits.MaxReplay && (!any || time.GetElapsedTime(startedAt) < limits.SyncEvery) && journal.TryPeek(out var order); count++)
        {
            var asked = replica.Position;
            if (await channel.RaiseNowAsync(order, asked) is not { } reply)
            {
                _failedAt = time.GetTimestamp();
                return any;
            }

            // It holds here under its new epoch before what others stored is read again.
            replica.TakeOwn(reply, asked, order.Scope);
            journal.Remove(order);
            metrics.Replayed();
            any = true;
        }

        return any;
    }
}
