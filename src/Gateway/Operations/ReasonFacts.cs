using System.Collections.Frozen;
using CacheGateway.Model;

namespace CacheGateway.Operations;

/// <summary>What a reason means, in words for people; one for each of the closed list.</summary>
/// <param name="Meaning">What happened.</param>
/// <param name="Source">The section of the RFC that says so, or where in the documentation it is written.</param>
/// <param name="Advice">What to do about it, if anything.</param>
internal sealed record ReasonFacts(string Meaning, string Source, string Advice)
{
    private const string Nothing = "Nothing needs to be done.";

    private static readonly FrozenDictionary<Reason, ReasonFacts> All = new Dictionary<Reason, ReasonFacts>
    {
        [Reason.Fresh] = new("Stored, and within its freshness lifetime.", "RFC 9111 4.2", Nothing),
        [Reason.StaleWhileRevalidate] = new("Stale, and served while it is refreshed in the background.", "RFC 5861 3", Nothing),
        [Reason.StaleIfError] = new("Stale, and served because the origin failed.", "RFC 5861 4", "Look at the origin: stale answers hold only as long as staleIfError allows, without a policy file for up to a day."),
        [Reason.MaxStale] = new("Stale, and the request said that this will do (max-stale).", "RFC 9111 5.2.1.2", Nothing),
        [Reason.JustValidated] = new("The request asked for validation, and it was validated less than a second ago.", "docs/policies.md, client.reload", Nothing),
        [Reason.Collapsed] = new("Another request was fetching the same; this one waited for it.", "RFC 9111 4", Nothing),
        [Reason.Miss] = new("Nothing was stored under this key.", "RFC 9111 4", "Warm the key, or key by less: every keyed parameter, header and identity makes keys of its own."),
        [Reason.VaryMiss] = new("Something is stored under this key, but for other request headers (Vary).", "RFC 9111 4.1", "Let the origin vary on less, or fix the headers that clients send differently without need."),
        [Reason.Expired] = new("What was stored is past its lifetime.", "RFC 9111 4.2.4", "Raise ttl and invalidate by tag, or set staleWhileRevalidate, so that nobody waits for the refresh."),
        [Reason.ResponseNoCache] = new("The response may only be used after successful validation (no-cache).", "RFC 9111 5.2.2.4", "Let the origin drop no-cache, or give its responses an ETag, so that validation is cheap."),
        [Reason.MustRevalidate] = new("It is stale, and its directives forbid that (must-revalidate, proxy-revalidate, s-maxage).", "RFC 9111 5.2.2.2", "Raise the lifetime: the origin's word forbids every stale use."),
        [Reason.RequestNoCache] = new("The client asked for validation (no-cache).", "RFC 9111 5.2.1.4", "If clients do so without need, client.reload \"ignore\" or \"collapse\" answers from the cache."),
        [Reason.RequestMaxAge] = new("The client wants nothing so old (max-age).", "RFC 9111 5.2.1.1", "If clients do so without need, client.reload \"ignore\" or \"collapse\" answers from the cache."),
        [Reason.RequestMinFresh] = new("The client wants something fresh for longer (min-fresh).", "RFC 9111 5.2.1.3", Nothing),
        [Reason.Invalidated] = new("What was stored has been invalidated.", "docs/invalidation.md", "If that happens more often than the data changes, name narrower tags."),
        [Reason.PartialMiss] = new("Only another part of it is stored.", "RFC 9111 3.3", "rangeFetchWhole fetches the whole once and answers ranges from it, where it is no larger than maxBody."),
        [Reason.OriginChanged] = new("The origin's 304 was about another response; the whole was fetched.", "RFC 9111 4.3.4", Nothing),
        [Reason.NoPolicy] = new("No policy takes this request.", "docs/policies.md, match", "Add a policy whose match takes the path, or correct one that should."),
        [Reason.PolicyOff] = new("The policy that takes it is switched off.", "docs/policies.md, enabled", "Set enabled to true."),
        [Reason.CacheOff] = new("Caching is switched off as a whole.", "docs/policies.md, enabled", "Set enabled to true at the top of the file, and CACHE_ENABLED too."),
        [Reason.MethodUnsafe] = new("The method changes something: it goes to the origin and invalidates.", "RFC 9111 4.4", Nothing),
        [Reason.MethodNotCacheable] = new("Responses to this method are not stored.", "RFC 9110 9.2.3", "Nothing needs to be done: a HEAD is answered by what a GET has stored."),
        [Reason.RequestNoStore] = new("The client forbids storing (no-store).", "RFC 9111 5.2.1.5", "If clients do so without need, client.reload \"ignore\" or \"collapse\" answers from the cache."),
        [Reason.RequestHasContent] = new("A GET with a body: an origin may read it, and it is no part of the key.", "RFC 9110 9.3.1", "Put what selects the answer into the URL."),
        [Reason.RequestUpgrade] = new("The connection becomes something else (WebSocket).", "RFC 9110 7.8", Nothing),
        [Reason.EventStream] = new("An event stream has no end that could be stored.", "docs/request-flow.md", Nothing),
        [Reason.Credentials] = new("The request carries credentials, and nothing says that others may have the answer.", "RFC 9111 3.5", "key.identity \"isolate\" gives each identity entries of its own; \"share\" gives all the same, and needs a reason in words."),
        [Reason.Cookies] = new("The request carries cookies, and nothing says that others may have the answer.", "docs/policies.md, identity", "key.identity \"isolate\" gives each set of cookies entries of its own; key.cookies narrows it; \"share\" ignores them."),
        [Reason.SecretInUrl] = new("A parameter of the URL holds a secret, by its name.", "docs/policies.md, query.secret", "If it is none, name those that are under key.query.secret ([] for none)."),
        [Reason.Unkeyable] = new("The URL, host or a keyed header is too long or not unambiguous, or another policy takes what some backends read the URL as, or asks for a header that the request has otherwise.", "docs/decisions/0004", "Shorten what is keyed; ask for paths as policies spell them, or give the policy this spelling too; name the header in its key.headers."),
        [Reason.HitForMiss] = new("Earlier answers for this key or route could not be stored, so nobody waits for anybody.", "docs/request-flow.md", "Look at why the response is not stored; the first that can be is."),
        [Reason.RequestRange] = new("A range of something that is not stored.", "RFC 9111 3.3", "rangeFetchWhole fetches the whole once and answers ranges from it, where it is no larger than maxBody."),
        [Reason.RequestPrecondition] = new("If-Match and If-Unmodified-Since are for the origin alone.", "RFC 9111 4.3.2", Nothing),
        [Reason.RequestHeaderBypass] = new("The response varies on a header for which the policy says bypass.", "docs/policies.md, vary", "Take the header out of vary, or set it to \"normalise\"."),
        [Reason.WaitTimeout] = new("Another request's fetch took longer than this one was to wait.", "docs/decisions/0003", "Look at the origin's latency; collapseWait says how long to wait."),
        [Reason.FillBudget] = new("As many fetches, or bytes of them, as allowed were under way.", "docs/request-flow.md", "Raise --memory, or look at why the origin is slow."),
        [Reason.ResponseNoStore] = new("The response forbids storing (no-store).", "RFC 9111 5.2.2.5", "Only the origin knows whether it means that. Where it says no-store of every answer without meaning it, ignoreDirectives takes that back."),
        [Reason.ResponsePrivate] = new("The response is for one user's own cache (private).", "RFC 9111 5.2.2.7", "Only the origin knows whether it means that. Where it says private of every answer without meaning it, ignoreDirectives takes that back."),
        [Reason.ResponseSetCookie] = new("The response sets a cookie, which others would get too.", "docs/policies.md, setCookie", "setCookie \"strip\" stores it without the cookie, if it is the same for everybody but for that."),
        [Reason.ResponseVaryStar] = new("The response varies on something that is not in the request (Vary: *).", "RFC 9111 4.1", "Only the origin can change that."),
        [Reason.ResponseStatus] = new("Responses with this status are not stored.", "RFC 9111 3", "Name the status with a lifetime under statuses, if it is worth keeping."),
        [Reason.ResponseNoFreshness] = new("Neither the response nor the policy says how long it is fresh, and it has no validator.", "RFC 9111 4.2.1", "Set ttl (with origin \"fallback\" where it is \"respect\"), for a status that it does not cover, as 302, statuses; or let the origin send max-age or an ETag."),
        [Reason.ResponseAlreadyStale] = new("It was stale when it came (max-age=0, Expires in the past, or a large Age), and has no validator.", "RFC 9111 4.2", "Set a ttl with origin \"override\" if the origin's word is not meant, or let it send an ETag."),
        [Reason.ResponseAuthorization] = new("The request carried Authorization or another field that says who asks, and the response does not say that others may have it.", "RFC 9111 3.5", "Let the origin say public or s-maxage, or set key.identity."),
        [Reason.ResponseMustUnderstand] = new("must-understand, with a status whose rules are not implemented here.", "RFC 9111 5.2.2.3", Nothing),
        [Reason.ResponseTooLarge] = new("The body is larger than the policy stores, or than the memory takes.", "docs/policies.md, maxBody", "Raise maxBody, if so large a response is worth its memory, and --memory where an eighth of it is less."),
        [Reason.ResponseIncomplete] = new("The origin's answer broke off.", "RFC 9111 3.3", "Look at the origin: it closed the connection before the end."),
        [Reason.ResponseAmbiguous] = new("The response contradicts itself about its length, or only the end of its connection tells where it ends.", "RFC 9112 6.3, 8", "Let the origin send Content-Length or chunks; closeDelimited stores what has neither, whole or broken off."),
        [Reason.ResponsePartial] = new("A partial response that this profile does not store.", "RFC 9111 3.3", "rangeFetchWhole fetches the whole once and answers ranges from it, where it is no larger than maxBody."),
        [Reason.ResponseTags] = new("Its tags cannot all be known or kept, so an invalidation might miss it.", "docs/invalidation.md", "Correct the tag: letters, digits and _ . : / - %, up to 256 of them; a JSON path needs a JSON body within its limit."),
        [Reason.ResponsePolicyTtlZero] = new("The policy gives it a lifetime of zero.", "docs/policies.md, ttl", "Raise ttl."),
        [Reason.InvalidatedDuringFetch] = new("It was invalidated while it was fetched.", "docs/invalidation.md", "If that happens often, name narrower tags."),
        [Reason.OnlyIfCached] = new("The request wants a stored answer or none (only-if-cached).", "RFC 9111 5.2.1.7", Nothing),
        [Reason.OriginUnreachable] = new("The origin could not be reached.", "RFC 9110 15.6.3", "Look at the origin and the network to it; staleIfError would answer meanwhile."),
        [Reason.OriginTimeout] = new("The origin did not answer in time.", "RFC 9110 15.6.5", "Look at the origin's latency; --origin-timeout says how long to wait; staleIfError would answer meanwhile."),
        [Reason.OriginFailed] = new("The origin's answer was none that could be used.", "RFC 9110 15.6.3", "Look at the origin's log."),
        [Reason.OriginTruncated] = new("The origin's answer broke off.", "RFC 9110 15.6.3", "Look at the origin: it closed the connection before the end."),
        [Reason.Loop] = new("The request came back to this gateway.", "RFC 9110 7.6.3", "A destination points to the gateway itself: correct it."),
        [Reason.OriginBusy] = new("As many requests to the origin as it is given were under way.", "docs/operations.md", "Look at why the origin is slow; a longer ttl and staleWhileRevalidate ask it less."),
        [Reason.OriginDown] = new("The origin lately gave no answers, and is left alone for a moment.", "docs/operations.md", "Look at the origin and the network to it; staleIfError would answer meanwhile."),
        [Reason.Blind] = new("This node has not heard from Redis for too long to trust what it stored.", "docs/invalidation.md", "Bring Redis back; --max-blind says how long to trust without it."),
    }.ToFrozenDictionary();

    public static ReasonFacts Of(Reason reason) => All[reason];
}
