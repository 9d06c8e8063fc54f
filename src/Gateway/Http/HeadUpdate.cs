using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Freshening a stored GET response by a HEAD (RFC 9111 4.3.5).</summary>
public static class HeadUpdate
{
    /// <summary>
    /// Each validator and the Content-Length that the HEAD response carries must agree with the stored one; where one does not, that is no longer what the origin has. Only a validator that agrees
    /// shows that it still is: bodies of one length are many, so a HEAD without a validator never freshens.
    /// </summary>
    public static HeadVerdict Judge(StoredResponse stored, int status, HeaderField[] head)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var facts = ResponseFacts.From(status, head, []);
        if (status != 200 || stored.Status != 200 || stored.Partial is not null)
        {
            return new HeadVerdict(HeadOutcome.Unrelated, stored.Headers);
        }

        var agrees = (facts.ETag is not { } tag || (!stored.ETagGenerated && stored.ETag == tag))
            && (facts.LastModified is not { } modified || stored.LastModified == modified)
            && (facts.ContentLength is not { } length || stored.Body.Length == length);
        return !agrees ? new HeadVerdict(HeadOutcome.Invalidates, stored.Headers)
            : (facts.ETag ?? (object?)facts.LastModified) is null ? new HeadVerdict(HeadOutcome.Unrelated, stored.Headers)
            : new HeadVerdict(HeadOutcome.Freshens, NotModifiedMerge.Apply(stored.Headers, head));
    }
}
