namespace CacheGateway.Policies;

/// <summary>Where a request takes its policies from: once, and uses that snapshot to its end.</summary>
public interface IPolicySource
{
    CachePolicyTable Current { get; }
}
