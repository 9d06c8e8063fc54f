using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Which stored response a 304 is about (RFC 9111 4.3.4).</summary>
public static class RevalidationSelect
{
    /// <summary>
    /// Whether <paramref name="notModified"/>, received for the validators of <paramref name="stored"/>, speaks of it. A strong validator must be
    /// the same; a weak one must match weakly; without any, the response that was asked about is meant.
    /// </summary>
    public static bool Selects(StoredResponse stored, ResponseFacts notModified)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(notModified);
        if (notModified.ETag is { } etag)
        {
            return stored.ETag is { } known && (EntityTag.IsWeak(etag) ? EntityTag.WeakEquals(etag, known) : EntityTag.StrongEquals(etag, known) || EntityTag.WeakEquals(etag, known));
        }

        return notModified.LastModified is not { } modified || stored.LastModified is not { } stamp || modified == stamp;
    }
}
