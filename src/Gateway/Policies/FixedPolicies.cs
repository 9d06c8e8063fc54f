namespace CacheGateway.Policies;

/// <summary>A table that never changes: the built-in policies of a gateway without a policy file.</summary>
public sealed class FixedPolicies(CachePolicyTable table) : IPolicySource
{
    public CachePolicyTable Current { get; } = table;
}
