using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// The second half: what is done with a keyed request. The rules of <see cref="ServeDecision"/>, and what only this node knows: whether the stored
/// response outlived every invalidation and whether this node may trust itself. Pure; explanations ask the same.
/// </summary>
internal static class RequestDecision
{
    /// <summary>
    /// RFC 9111 5.2.1.7: what has no key is never stored, so who wants a stored answer or none gets none. Switched off, this is no cache.
    /// </summary>
    /// <param name="pass">Why it has no key.</param>
    /// <param name="request">The client's.</param>
    public static bool FailsWithoutKey(Reason pass, HttpRequest request) => pass != Reason.CacheOff && RequestReader.WantsStoredOnly(request);

    /// <summary>
    /// Whether the shared tier is asked: memory cannot answer, and another node may have put there what can; not where the answer will be the origin's in any case.
    /// </summary>
    /// <param name="stored">What the request selects in memory; null where that is dead.</param>
    /// <param name="isRemembered">Whether nothing is in memory under the key, and it is remembered as not storable.</param>
    /// <param name="facts">Of the request.</param>
    /// <param name="liveness">Of what the request selected.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public static bool AsksShared(StoredResponse? stored, bool isRemembered, in RequestFacts facts, Liveness liveness, long now) =>
        (stored is null || liveness == Liveness.Soft || !(stored.Freshness.IsFreshAt(now) || ServeDecision.MayServeWhileRefreshing(stored.Freshness, now)))
        && !facts.Directives.NoStore && facts.IfMatch is null && facts.IfUnmodifiedSince is null
        && (!isRemembered || facts.Directives.OnlyIfCached);

    /// <summary>What is done with the request in the end, and why.</summary>
    /// <param name="stored">What the request selects; null where that is dead.</param>
    /// <param name="isKnown">Whether anything is stored under the key.</param>
    /// <param name="isRemembered">Whether the key is remembered as not storable; means nothing where something is stored under it.</param>
    /// <param name="facts">Of the request.</param>
    /// <param name="policy">Of the request.</param>
    /// <param name="liveness">Of what the request selected.</param>
    /// <param name="isTrusted">Whether this node can know of every invalidation.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public static ServeDecision For(
        StoredResponse? stored, bool isKnown, bool isRemembered, in RequestFacts facts, CachePolicy policy, Liveness liveness, bool isTrusted, long now)
    {
        // What shares no fetch, and remembered keys, which do not queue.
        if ((Credentials(policy, facts, stored) ?? (isRemembered && !isKnown && !facts.Directives.OnlyIfCached ? Reason.HitForMiss : null)) is { } alone)
        {
            return new ServeDecision(ServeAction.Pass, alone, 0);
        }

        var decision = ByStored(stored, isKnown, facts, policy, liveness, isTrusted, now);
        return decision.Action is ServeAction.Fetch or ServeAction.Validate && MustPass(policy, facts, stored) is { } apart
            ? decision with { Action = ServeAction.Pass, Reason = apart }
            : decision;
    }

    /// <summary>Why no answer with a status is stored that comes to a request for which nothing is; null where the answer decides.</summary>
    public static Reason? ForbidsStoring(in RequestFacts facts, CachePolicy policy, int status, long now)
    {
        var decision = For(null, isKnown: false, isRemembered: false, facts, policy, Liveness.Alive, isTrusted: true, now);
        return decision.Action == ServeAction.Fetch || (decision.Action == ServeAction.Pass && !facts.IsHead && PassingAnswer.IsStorable(facts, policy, status)) ? null : decision.Reason;
    }

    /// <summary>Requests with credentials under no identity rule never share a fetch.</summary>
    private static Reason? Credentials(CachePolicy policy, in RequestFacts facts, StoredResponse? stored)
    {
        if (stored is not null || facts.Directives.OnlyIfCached || !ProfileRules.IsAnsweredAlone(facts, policy))
        {
            return null;
        }

        return facts.HasCookie && !facts.HasAuthorization ? Reason.Cookies : Reason.Credentials;
    }

    private static ServeDecision ByStored(StoredResponse? stored, bool isKnown, in RequestFacts facts, CachePolicy policy, Liveness liveness, bool isTrusted, long now)
    {
        var decision = ServeDecision.For(stored, isKnown, facts, policy, now);
        var serves = decision.Action is ServeAction.Serve or ServeAction.ServeStaleAndRefresh;
        if (liveness == Liveness.Dead && decision.Action == ServeAction.Fetch)
        {
            return decision with { Reason = Reason.Invalidated };
        }

        if (liveness == Liveness.Soft && serves)
        {
            return Validated(decision, facts, Reason.Invalidated);
        }

        // Something may have been raised that never came here: the origin is asked.
        return !serves || isTrusted ? decision : Validated(decision, facts, Reason.Blind);
    }

    /// <summary>The origin must be asked after all, which only-if-cached forbids (RFC 9111 5.2.1.7).</summary>
    private static ServeDecision Validated(in ServeDecision decision, in RequestFacts facts, Reason reason) => facts.Directives.OnlyIfCached
        ? decision with { Action = ServeAction.Fail, Reason = Reason.OnlyIfCached }
        : decision with { Action = ServeAction.Validate, Reason = reason };

    /// <summary>
    /// What needs the origin but must not be collapsed or fetched without its conditions. A range that the stored part cannot answer is asked for as a range: who
    /// reads here and there in something large would else be given all of it each time.
    /// </summary>
    private static Reason? MustPass(CachePolicy policy, in RequestFacts facts, StoredResponse? stored) =>
        facts.IsHead ? Reason.MethodNotCacheable
        : facts.Range is null || policy.RangeFetchWhole > 0 ? null
        : stored is null ? Reason.RequestRange
        : stored.Partial is not null && !Ranges.Answers(stored, facts) ? Reason.PartialMiss
        : null;
}
