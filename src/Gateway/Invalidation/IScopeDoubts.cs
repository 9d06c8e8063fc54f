using CacheGateway.Model;

namespace CacheGateway.Invalidation;

/// <summary>Says what of an invalidation may have been mistyped.</summary>
internal interface IScopeDoubts
{
    /// <summary>A line for people for each doubt; null = there is none.</summary>
    /// <param name="scope">As it was asked for, and before it is raised.</param>
    IReadOnlyList<string>? Of(InvalidationScope scope);
}
