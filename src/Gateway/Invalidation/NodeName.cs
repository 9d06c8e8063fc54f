namespace CacheGateway.Invalidation;

/// <summary>The name of this node (<c>--node</c>).</summary>
internal sealed record NodeName(string Value);
