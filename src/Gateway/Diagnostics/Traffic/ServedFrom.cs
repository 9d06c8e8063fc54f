namespace CacheGateway.Diagnostics.Traffic;

/// <summary>Where an answer came from. A label of metrics and an index of counters: append only.</summary>
internal enum ServedFrom
{
    /// <summary>The client's own copy: a stored response confirmed it with 304.</summary>
    Client,

    /// <summary>This node's memory.</summary>
    Memory,

    /// <summary>The shared tier, where another node had put it.</summary>
    Redis,

    /// <summary>A fetch that somebody else had started.</summary>
    Collapsed,

    /// <summary>A fetch of its own.</summary>
    Origin,

    /// <summary>The origin, past the cache: nothing could be stored, or nobody could have waited.</summary>
    Passed,

    /// <summary>The gateway itself, with an error.</summary>
    Failed,
}
