namespace CacheGateway.Storage;

/// <summary>The part of the <see cref="MemoryTier"/> whose queue a node stands in.</summary>
internal enum MemoryPart : byte
{
    /// <summary>Just come: not compared with anything yet.</summary>
    Window,

    /// <summary>Let in by popularity, not hit since: the next to go.</summary>
    Probation,

    /// <summary>Hit while on probation.</summary>
    Protected,
}
