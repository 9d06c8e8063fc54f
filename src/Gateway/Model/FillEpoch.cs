namespace CacheGateway.Model;

/// <summary>
/// What a fetch knew of invalidations before it asked the origin. Epochs of different incarnations cannot be compared: whatever does not
/// carry the incarnation that a node lives in is dead.
/// </summary>
/// <param name="Incarnation">Names one unbroken life of the counter: a new one begins when Redis lost or forgot something.</param>
/// <param name="Value">The epoch up to which every invalidation was applied.</param>
public readonly record struct FillEpoch(long Incarnation, long Value)
{
    /// <summary>
    /// Counts the changes of this node's marks, whatever their epochs: a node's own raise holds here at once, and does not move <see cref="Value"/> while something before it is
    /// missing. Means nothing on another node; 0 where it is not known.
    /// </summary>
    public long Stamp { get; init; }

    /// <summary>Whether every mark that stood here for <paramref name="other"/> did for this one too; both were taken on this node.</summary>
    public bool Covers(FillEpoch other) => Incarnation == other.Incarnation && Stamp >= other.Stamp;
}
