using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>An invalidation that was raised before this node came: of one name, as nearly all are, or of something wider.</summary>
internal readonly struct PastRaise
{
    public PastRaise(long epoch, MarkName name, bool soft) => (Epoch, Name, Soft) = (epoch, name, soft);

    public PastRaise(long epoch, InvalidationScope scope) => (Epoch, Scope, Soft) = (epoch, scope, scope.Soft);

    public long Epoch { get; }

    public bool Soft { get; }

    /// <summary>The one name, where <see cref="Scope"/> is null.</summary>
    public MarkName Name { get; }

    /// <summary>What it names, where that is more than a name.</summary>
    public InvalidationScope? Scope { get; }
}

/// <summary>Past invalidations, read as they are taken: a node that starts takes 100,000 of them, and keeps none as it came.</summary>
internal interface IPastRaises
{
    /// <summary>The next; false when there is none.</summary>
    bool TryTake(out PastRaise raise);
}
