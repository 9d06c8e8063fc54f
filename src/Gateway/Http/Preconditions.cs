using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>A request's preconditions against a stored response, in the order of RFC 9110 13.2.2.</summary>
public static class Preconditions
{
    public static PreconditionOutcome Evaluate(in RequestFacts request, StoredResponse stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (request is { IfMatch: null, IfUnmodifiedSince: null, IfNoneMatch: null, IfModifiedSince: null })
        {
            return PreconditionOutcome.Proceed;
        }

        // RFC 9110 13.2.1: preconditions mean nothing where the answer without them would not be a success.
        if (stored.Status is < 200 or > 299)
        {
            return PreconditionOutcome.Proceed;
        }

        if (!MayProceed(request, stored))
        {
            return PreconditionOutcome.Failed;
        }

        return IsCurrent(request, stored) ? PreconditionOutcome.NotModified : PreconditionOutcome.Proceed;
    }

    /// <summary>RFC 9110 13.1.1 and 13.1.4; If-Unmodified-Since counts only without If-Match.</summary>
    private static bool MayProceed(in RequestFacts request, StoredResponse stored)
    {
        if (request.IfMatch is { } tags)
        {
            return EntityTags.Lists(tags, stored.ETag, strong: true);
        }

        return request.IfUnmodifiedSince is not { } since
            || HttpDate.Parse(since) is not { } date
            || stored.LastModified is not { } modified
            || modified <= date;
    }

    /// <summary>
    /// RFC 9110 13.1.2 and 13.1.3; If-Modified-Since counts only without If-None-Match. RFC 9111 4.3.2: Date stands in for a missing Last-Modified.
    /// </summary>
    private static bool IsCurrent(in RequestFacts request, StoredResponse stored)
    {
        if (request.IfNoneMatch is { } tags)
        {
            return EntityTags.Lists(tags, stored.ETag, strong: false);
        }

        return request.IfModifiedSince is { } since
            && HttpDate.Parse(since) is { } date
            && (stored.LastModified ?? stored.Date) <= date;
    }
}
