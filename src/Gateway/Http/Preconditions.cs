using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>What a client's precondition makes of a stored response.</summary>
public enum PreconditionOutcome
{
    Proceed,
    NotModified,
    Failed,
}

/// <summary>
/// Evaluates the preconditions of a GET or HEAD against a stored response, in the order of RFC 9110 13.2.2, as RFC 9111 4.3.2 lets a cache do.
/// If-Match and If-Unmodified-Since are the origin's to judge and never reach here unless a response is fresh.
/// </summary>
public static class Preconditions
{
    public static PreconditionOutcome Evaluate(in RequestFacts request, StoredResponse stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (request.IfMatch is null && request.IfUnmodifiedSince is null && request.IfNoneMatch is null && request.IfModifiedSince is null)
        {
            return PreconditionOutcome.Proceed;
        }

        // RFC 9110 13.2.1: only for what would have been a success.
        if (stored.Status is < 200 or > 299)
        {
            return PreconditionOutcome.Proceed;
        }

        if (request.IfMatch is { } match)
        {
            if (!EntityTag.ListContains(match, stored.ETag, strong: true))
            {
                return PreconditionOutcome.Failed;
            }
        }
        else if (HttpDate.Parse(request.IfUnmodifiedSince) is { } unmodified && stored.LastModified is { } changed && changed > unmodified)
        {
            return PreconditionOutcome.Failed;
        }

        if (request.IfNoneMatch is { } noneMatch)
        {
            return EntityTag.ListContains(noneMatch, stored.ETag, strong: false) ? PreconditionOutcome.NotModified : PreconditionOutcome.Proceed;
        }

        // RFC 9111 4.3.2: without Last-Modified, the Date of the stored response takes its place.
        return HttpDate.Parse(request.IfModifiedSince) is { } since && (stored.LastModified ?? stored.Date) <= since
            ? PreconditionOutcome.NotModified
            : PreconditionOutcome.Proceed;
    }
}
