using System.Globalization;
using CacheGateway.Invalidation.Redis;

namespace CacheGateway.Invalidation;

/// <summary>The audit of a gateway without Redis: the last raises, while the process lives, each as Redis would keep it.</summary>
internal sealed class AuditMemory(NodeName node, TimeProvider time, int bound = 1000) : IInvalidationAudit
{
    private readonly Lock _gate = new();
    private readonly Queue<AuditEntry> _entries = new();
    private long _last;

    public void Add(InvalidationOrder order, long epoch)
    {
        lock (_gate)
        {
            if (_entries.Count >= bound)
            {
                _entries.Dequeue();
            }

            _entries.Enqueue(new AuditEntry(
                (++_last).ToString(CultureInfo.InvariantCulture), time.GetUtcNow(), order.Id, epoch, node.Value, order.Source.ToString(), order.Who, order.Reason,
                AuditEntry.Scope(AuditEntry.Cut(ScopeText.Write(order.Scope)))));
        }
    }

    public Task<IReadOnlyList<AuditEntry>?> ReadAsync(int most, string? before = null)
    {
        var end = long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : long.MaxValue;
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<AuditEntry>?>(
                [.. _entries.Reverse().Where(entry => long.Parse(entry.Place, CultureInfo.InvariantCulture) < end).Take(most)]);
        }
    }
}
