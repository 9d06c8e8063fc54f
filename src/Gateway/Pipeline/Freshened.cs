using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// What a stored response becomes by fields that came later: a 304's (RFC 9111 4.3.4) or a HEAD's (4.3.5). They are judged like any other's, for an origin may
/// take back with them that it is stored at all. Pure, but for jitter.
/// </summary>
internal static class Freshened
{
    /// <param name="stored">As it is.</param>
    /// <param name="from">The request that was answered.</param>
    /// <param name="merged">The stored fields with the later ones.</param>
    /// <param name="later">The later fields as they came, those with tags among them.</param>
    /// <param name="epoch">From when on it is known to be so.</param>
    /// <param name="targeted">Fields that speak to this cache first.</param>
    /// <param name="sent">When the origin was asked.</param>
    /// <param name="received">When it answered.</param>
    /// <returns>
    /// The response with them; why it may not stay stored, or null where it may; and which of the later fields are withheld from storage.
    /// </returns>
    public static (StoredResponse Response, Reason? Forbidden, HeaderField[] Withheld) By(
        StoredResponse stored, FillContext from, HeaderField[] merged, HeaderField[] later, FillEpoch epoch, IReadOnlyList<string> targeted, Instant sent, Instant received)
    {
        var policy = from.Policy;
        var facts = ResponseFacts.From(stored.Status, merged, targeted);
        var freshness = ResponseAdmission.Capped(FreshnessRules.Compute(facts, policy, sent, received, Random.Shared.NextDouble()), from, received);
        var verdict = Storability.Judge(from.Request, facts, policy, freshness);
        var tags = ResponseTags.Also(stored.Tags, from, later);
        var forbidden = !verdict.Store ? verdict.Reason
            : SelectsMore(stored, verdict, policy) ? Reason.OriginChanged
            : tags is null ? Reason.ResponseTags
            : (Reason?)null;
        var headers = verdict.Store ? verdict.StoredHeaders : Array.FindAll(facts.Headers, field => !field.Is("Age"));
        var kept = AnswerFields.Stored(headers, policy, policy.Compress && CodedRepresentation.IsCompressible(stored.Status, facts.Headers));
        var fresh = stored.Refreshed(
            AnswerFields.Dated(kept, received), freshness, tags ?? stored.Tags, facts.ETag is { } etag ? SharedText.Of(etag) : null, facts.LastModified, facts.Date ?? received.Wall, epoch, ResponseAdmission.IsShared(facts),
            verdict.Store ? policy.ClientCacheControl : null);
        var withheld = verdict.Store ? Array.FindAll(later, field => StoredFields.Withholds(facts, policy, field.Name)) : [];
        return (Compression.Keep(fresh, stored, policy), forbidden, withheld);
    }

    /// <summary>What forbids storing the answer to this request, and says nothing against what is stored for all.</summary>
    public static bool IsOfTheRequest(Reason reason) => reason is Reason.RequestNoStore or Reason.ResponseAuthorization or Reason.Cookies;

    /// <summary>It could be stored as it is now, but not in the place of what is stored: the next fetch is.</summary>
    public static bool IsOutgrown(Reason reason) => reason is Reason.OriginChanged or Reason.ResponseTags;

    /// <summary>
    /// Whether fields that came later name request fields that the response was not stored under. It would be taken for everybody's whatever theirs say; the
    /// next fetch is stored under all of them.
    /// </summary>
    private static bool SelectsMore(StoredResponse stored, in StoreVerdict verdict, CachePolicy policy) =>
        Array.Exists(ForwardedFields.Selecting(verdict.VaryNames, policy), name => !Array.Exists(stored.Vary, value => value.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));
}
