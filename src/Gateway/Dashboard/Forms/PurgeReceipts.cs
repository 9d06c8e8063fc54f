using CacheGateway.Invalidation;

namespace CacheGateway.Dashboard.Forms;

/// <summary>The last purges made from the dashboard of this node, for the pages that their forms end in.</summary>
internal sealed class PurgeReceipts
{
    private const int Most = 64;

    private readonly Lock _gate = new();
    private readonly Queue<PurgeReceipt> _receipts = new();

    public void Add(PurgeReceipt receipt)
    {
        lock (_gate)
        {
            _receipts.Enqueue(receipt);
            if (_receipts.Count > Most)
            {
                _receipts.Dequeue();
            }
        }
    }

    public PurgeReceipt? Find(string? id)
    {
        lock (_gate)
        {
            return _receipts.FirstOrDefault(receipt => receipt.Receipt.Id == id);
        }
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<PurgeReceipt> Recent
    {
        get
        {
            lock (_gate)
            {
                return [.. _receipts.Reverse()];
            }
        }
    }
}

/// <param name="Receipt">What the nodes answered.</param>
/// <param name="Words">What was purged, without what its URL holds: everybody may read it.</param>
/// <param name="IsSoft">Whether it is to be validated instead of forgotten.</param>
/// <param name="At">When.</param>
internal sealed record PurgeReceipt(InvalidationReceipt Receipt, string Words, bool IsSoft, DateTimeOffset At);
