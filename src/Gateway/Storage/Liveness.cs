namespace CacheGateway.Storage;

/// <summary>What the invalidations since a response was asked for leave of it.</summary>
internal enum Liveness
{
    /// <summary>Nothing named it.</summary>
    Alive,

    /// <summary>Must not be used without successful validation, except on an origin error within stale-if-error.</summary>
    Soft,

    /// <summary>Must not be used at all.</summary>
    Dead,
}
