using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>An invalidation that was raised before this node came: of one name, as nearly all are, or of something wider.</summary>
internal sealed class PastRaise
{
    public PastRaise(long epoch, MarkName name, bool soft) => (Epoch, Name, Soft) = (epoch, name, soft);

    public PastRaise(long epoch, InvalidationScope scope) => (Epoch, Scope, Soft) = (epoch, scope, scope.Soft);

    public long Epoch { get; }

    public bool Soft { get; }

    public MarkName? Name { get; }

    /// <summary>What it names, where that is more than a name.</summary>
    public InvalidationScope? Scope { get; }
}
