using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Whether an origin's "not modified" can be believed.</summary>
public static class Validators
{
    /// <summary>
    /// After an invalidation only an entity tag of the origin's own, or a Last-Modified that is strong (RFC 9110 8.8.2.2: the response was
    /// made at least a second later), tells an unchanged body from one that changed within the same second.
    /// </summary>
    public static bool AreReliable(StoredResponse stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return (stored.ETag is not null && !stored.ETagGenerated)
            || (stored.LastModified is { } modified && stored.Date - modified >= TimeSpan.FromSeconds(1));
    }
}
