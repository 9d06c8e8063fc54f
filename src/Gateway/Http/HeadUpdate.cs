using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>What the response to a HEAD says of a stored GET response.</summary>
public enum HeadOutcome
{
    /// <summary>Nothing: it is no 200.</summary>
    None,

    /// <summary>Still the same: its fields are updated.</summary>
    Freshens,

    /// <summary>Another representation: the stored one is out of date.</summary>
    Invalidates,
}

/// <summary>Freshening by HEAD (RFC 9111 4.3.5).</summary>
public static class HeadUpdate
{
    public static HeadOutcome Judge(StoredResponse stored, ResponseFacts head)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(head);
        if (head.Status != 200 || stored.Status != 200)
        {
            return HeadOutcome.None;
        }

        var same = (head.ETag is null || (stored.ETag is { } etag && EntityTag.WeakEquals(etag, head.ETag)))
            && (head.LastModified is null || stored.LastModified is null || head.LastModified == stored.LastModified)
            && (head.ContentLength is null || head.ContentLength == stored.Body.Length);
        return same ? HeadOutcome.Freshens : HeadOutcome.Invalidates;
    }
}
