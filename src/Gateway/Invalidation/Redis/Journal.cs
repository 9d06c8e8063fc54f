using System.Diagnostics.CodeAnalysis;
using CacheGateway.Model;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Invalidations made while Redis was away, to be raised again for everybody when it is back. In memory: what it holds dies with the process,
/// and the receipts said so (<c>durable: false</c>). Beyond the bound one that names everything takes their place. What is asked for again while it waits, in the same words, waits once: it is
/// raised after all that asked for it.
/// </summary>
/// <param name="maxNames">The bound.</param>
/// <param name="waits">Told whether anything waits in it, before <see cref="Add"/> returns.</param>
internal sealed class Journal(int maxNames, Action<bool> waits)
{
    private readonly Lock _gate = new();
    private readonly Queue<InvalidationOrder> _orders = new();

    /// <summary>What waits behind the first. That one may be on its way to Redis, before what comes now; what has a cause that is remembered may turn out to be done, and raise nothing.</summary>
    private readonly HashSet<(string Scope, InvalidationSource Source, string Who, string Reason)> _waiting = [];

    private int _names;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _orders.Count;
            }
        }
    }

    public void Add(InvalidationOrder order)
    {
        lock (_gate)
        {
            if (order.Once is null && _waiting.Contains(Words(order)))
            {
                return;
            }

            _names += Names(order);
            if (_names > maxNames)
            {
                _orders.Clear();
                _waiting.Clear();
                order = order with { Scope = new InvalidationScope { All = true }, Once = null, Reason = "more than could be remembered" };
                _names = 1;
            }

            if (_orders.Count > 0 && order.Once is null)
            {
                _waiting.Add(Words(order));
            }

            _orders.Enqueue(order);
            waits(true);
        }
    }

    public bool TryPeek([NotNullWhen(true)] out InvalidationOrder? order)
    {
        lock (_gate)
        {
            return _orders.TryPeek(out order);
        }
    }

    /// <summary>The order was raised: it goes, if it is still the first.</summary>
    public void Remove(InvalidationOrder order)
    {
        lock (_gate)
        {
            if (_orders.TryPeek(out var first) && ReferenceEquals(first, order))
            {
                _orders.Dequeue();
                _names -= Names(order);
                if (_orders.TryPeek(out var next) && next.Once is null)
                {
                    _waiting.Remove(Words(next));
                }

                waits(_orders.Count > 0);
            }
        }
    }

    /// <summary>All that the audit tells of it but its id.</summary>
    private static (string Scope, InvalidationSource Source, string Who, string Reason) Words(InvalidationOrder order) =>
        (ScopeText.Write(order.Scope), order.Source, order.Who, order.Reason);

    private static int Names(InvalidationOrder order) => 1 + order.Scope.NameCount;
}
