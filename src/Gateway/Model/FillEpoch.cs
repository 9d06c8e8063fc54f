namespace CacheGateway.Model;

/// <summary>
/// What a fetch knew of invalidations before it asked the origin. Epochs of different incarnations cannot be compared: whatever does not
/// carry the incarnation that a node lives in is dead.
/// </summary>
/// <param name="Incarnation">Names one unbroken life of the counter: a new one begins when Redis lost or forgot something.</param>
/// <param name="Value">The epoch up to which every invalidation was applied.</param>
public readonly record struct FillEpoch(long Incarnation, long Value)
{
    /// <summary>Whether everything that <paramref name="other"/> knew was known here too.</summary>
    public bool Covers(FillEpoch other) => Incarnation == other.Incarnation && Value >= other.Value;
}
