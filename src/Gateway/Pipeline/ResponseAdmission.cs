using CacheGateway.Diagnostics;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// From an origin's response to a stored one: judges the head (by the pure rules of Http/), puts the tags on, merges a 304, and puts the
/// finished response into the store unless an invalidation was faster.
/// </summary>
internal sealed class ResponseAdmission(
    TieredStore store, TagEpochs epochs, UnstoredAnswers unstored, TargetedFields targeted, RefreshFigures figures, GatewayMetrics metrics)
{
    /// <summary>The largest body that is stored under a policy, in bytes: what it allows, where a tier takes so much.</summary>
    public long LargestBody(CachePolicy policy) => Math.Min(policy.MaxBodyBytes, store.LargestBody);

    /// <summary>What the head of a response allows; called once per fetch.</summary>
    /// <param name="from">The request that was answered.</param>
    /// <param name="status">The origin's.</param>
    /// <param name="headers">As clients get them.</param>
    /// <param name="origin">As it came: what it is judged by besides (<see cref="HiddenFields"/>), and how its end is told.</param>
    /// <param name="sent">When the origin was asked.</param>
    /// <param name="received">When it answered.</param>
    public FillHead Judge(FillContext from, int status, HeaderField[] headers, in OriginResponse origin, Instant sent, Instant received)
    {
        var policy = from.Policy;
        var hidden = origin.Hidden;
        var all = hidden.Length == 0 ? headers : [.. headers, .. hidden];
        var isJudgedUnseen = origin.IsJudgedUnseen;
        var facts = ResponseFacts.From(status, all, targeted.Names, origin.IsCloseDelimited);
        var visible = policy.ForwardTags ? headers : AnswerFields.WithoutTags(headers);
        var staysAsItIs = policy.Compress && Array.Exists(hidden, CodedRepresentation.ForbidsCoding);
        var compresses = policy.Compress && !staysAsItIs && CodedRepresentation.IsCompressible(status, headers);
        if (compresses)
        {
            visible = CodedRepresentation.WithVary(visible);
        }

        if (status == StatusCodes.Status304NotModified)
        {
            return from.Validating is not { } stored || (from.Headers.IfNoneMatch.Count == 0 && from.Headers.IfModifiedSince.Count == 0)
                // Nothing was asked conditionally: a 304 without a condition has no meaning for anyone.
                ? FillHead.Failed(StatusCodes.Status502BadGateway, Reason.OriginFailed)
                : isJudgedUnseen
                // What it says is not in the fields that it would be merged with: the whole is asked for, and judged.
                ? FillHead.Failed(StatusCodes.Status502BadGateway, Reason.OriginChanged)
                : Refreshed(from, stored, sent, received, all, visible);
        }

        // Most of what is not stored says so itself: how long it would be fresh is no question then.
        var verdict = Storability.Forbids(from.Request, facts, policy) is { } forbidden
            ? new StoreVerdict(false, forbidden, [], default, [])
            : Storability.Judge(from.Request, facts, policy, Capped(FreshnessRules.Compute(facts, policy, sent, received, Random.Shared.NextDouble()), from, received));
        var reason = verdict.Reason;
        if (verdict.Store && facts.ContentLength > LargestBody(policy))
        {
            // Said before the head goes on: nobody is told that it is stored.
            reason = Reason.ResponseTooLarge;
        }

        if (verdict.Store && StandsInFor(from, status, received))
        {
            // What is stored answers better, and is kept for that.
            (reason, verdict) = (Reason.ResponseStatus, verdict with { Store = false });
        }

        var tags = verdict.Store ? ResponseTags.FromHead(from, status, all) : [];
        if (tags is null)
        {
            reason = Reason.ResponseTags;
        }

        var client = policy.ClientCacheControl is null ? null : ClientControl(visible, facts, policy);
        if (!verdict.Store || tags is null || reason == Reason.ResponseTooLarge)
        {
            unstored.Refused(from, status, headers, reason, reason is Reason.ResponseNoStore or Reason.ResponsePrivate ? ControlOf(facts) : null, received.Monotonic);
            return new FillHead
            {
                Kind = FillKind.Private,
                Status = status,
                Reason = reason,
                OriginHeaders = visible,
                Error = SharedError.Of(from, facts, hidden, reason),
                LeaderCacheControl = reason == Reason.ResponseTooLarge ? client : null,
            };
        }

        unstored.Forget(from);
        var response = new StoredResponse(from.Key)
        {
            Status = status,
            Headers = AnswerFields.Dated(AnswerFields.Stored(AnswerFields.Visible(verdict.StoredHeaders, hidden), policy, compresses), received),
            Body = BodySegments.Empty,
            Freshness = verdict.Freshness,
            Vary = VaryRules.Capture(ForwardedFields.Selecting(verdict.VaryNames, policy), new RequestHeaderSource(from.Headers), policy),
            Tags = tags,
            Epoch = from.Epoch.Value,
            Incarnation = from.Epoch.Incarnation,
            ETag = facts.ETag is { } tag ? SharedText.Of(tag) : null,
            LastModified = facts.LastModified,
            // A part has no codings here, and whose date it has may be the beginning of one.
            ModifiedStrength = policy.Compress && facts.Range is not null ? DateStrength.Weak : DateStrengths.Of(facts.Date, facts.LastModified),
            Date = facts.Date ?? received.Wall,
            Partial = facts.Range,
            IsSharedExplicitly = IsShared(facts),
            IsJudgedUnseen = isJudgedUnseen,
            StaysAsItIs = staysAsItIs,
            ClientCacheControl = policy.ClientCacheControl,
        };
        return new FillHead
        {
            Kind = FillKind.Storable,
            Status = status,
            Reason = Reason.Miss,
            OriginHeaders = visible,
            Response = response,
            LeaderCacheControl = client,
            DelayMs = received.Monotonic - sent.Monotonic,
        };
    }

    /// <summary>What the policy tells clients in place of the origin; null where fields go along that are one client's alone.</summary>
    private static ClientCacheControl? ClientControl(HeaderField[] visible, ResponseFacts facts, CachePolicy policy) =>
        Array.Exists(visible, field => StoredFields.Withholds(facts, policy, field.Name)) ? null : policy.ClientCacheControl;

    /// <summary>Whether what is stored is still good to stand in for an error that came in its place.</summary>
    private bool StandsInFor(FillContext from, int status, Instant now) =>
        ServeDecision.IsErrorToStandInFor(status) && Replaced(from) is { } stored && epochs.Check(stored) is var liveness and not Liveness.Dead
        && ServeDecision.MayServeOnError(stored, from.Request, from.Policy, now.Monotonic, disconnected: false, isSoft: liveness == Liveness.Soft);

    /// <summary>What the answer would take the place of; also where the origin was asked without its validators.</summary>
    private StoredResponse? Replaced(FillContext from) =>
        from.Validating ?? (store.Peek(from.Key.Text) is { } set ? VaryRules.Select(set, new RequestHeaderSource(from.Headers), from.Policy) : null);

    /// <summary>
    /// The stored response with its body: generated validator, body tags and size. Null when its tags cannot all be known, because an
    /// invalidation could miss it.
    /// </summary>
    public static StoredResponse? Finish(FillContext from, StoredResponse head, BodySegments body)
    {
        var policy = from.Policy;
        var holdsItsRange = head.Partial is not { } part || part.Last - part.First + 1 == body.Length;
        if (!holdsItsRange || ResponseTags.FromBody(from, head.Tags, body) is not { } tags)
        {
            return null;
        }

        var etag = head.ETag;
        var generated = false;
        if (etag is null && policy.GenerateETag && head.Status == StatusCodes.Status200OK)
        {
            etag = EntityTags.Of(body);
            generated = true;
        }

        return Compression.Prepare(head.With(body, etag, generated, tags), policy);
    }

    /// <summary>Puts a finished response into the store; null when it was invalidated while it was fetched.</summary>
    public StoredResponse? Admit(string key, StoredResponse response, int maxVariants)
    {
        if (!epochs.IsAlive(response))
        {
            metrics.NotStored(response.Resource.Policy, Reason.InvalidatedDuringFetch);
            return null;
        }

        figures.Count(store.Peek(key), response);
        store.Put(key, response, maxVariants);
        unstored.Stored(key);
        metrics.Stored(response.Resource.Policy, response.Body.Length);
        return response;
    }

    /// <summary>
    /// The same for the full answer of a fetch. What it was to validate is gone with that, although another Vary lets both stand: whoever got this answer would get the older one again.
    /// </summary>
    public StoredResponse? AdmitWhole(FillContext from, StoredResponse response)
    {
        var stored = Admit(from.Key.Text, response, from.Policy.MaxVariants);
        if (stored is not null && from.Validating is { } validated && !validated.Vary.AsSpan().SequenceEqual(response.Vary))
        {
            unstored.Supersede(from, response.Status, Reason.Miss);
        }

        return stored;
    }

    /// <summary>What a HEAD says of a stored response: freshens it, or puts it out of use (RFC 9111 4.3.5).</summary>
    public void UpdateByHead(StoredResponse? stored, FillContext from, int status, HeaderField[] headers, HeaderField[] hidden, Instant sent, Instant received)
    {
        // What took its place while the origin was asked is newer, and the answer is not about it.
        var known = stored is null ? null : store.Peek(from.Key.Text);
        if (stored is null or { IsJudgedUnseen: true } || known?.Responses.Contains(stored) == false)
        {
            return;
        }

        var (outcome, merged) = HeadUpdate.Judge(stored, status, from.Policy.ForwardTags ? headers : AnswerFields.WithoutTags(headers));
        switch (outcome)
        {
            case HeadOutcome.Invalidates:
                // Stale and not gone: its validators still tell the next fetch what there is, and it may stand in for an error where it may be stale.
                store.Outdate(stored, received.Monotonic);
                break;
            case HeadOutcome.Freshens when known is null:
                // Evicted, or taken out for good, which looks the same: it is not brought back.
                break;
            case HeadOutcome.Freshens:
                var (fresh, forbidden, _) = Freshened.By(stored, from, merged, [.. headers, .. hidden], new FillEpoch(stored.Incarnation, stored.Epoch), targeted.Names, sent, received);
                if (forbidden is null)
                {
                    Admit(from.Key.Text, fresh, from.Policy.MaxVariants);
                }
                else if (Freshened.IsOutgrown(forbidden.Value))
                {
                    store.Remove(stored);
                }

                // Else what it says may not be stored: the response stays as it was.
                break;
        }
    }

    /// <summary>
    /// A refresh that nobody waits for was answered by a 304 about another response, as by an origin whose tag is weak on the whole and strong in the 304: the next one asks for the whole. Who
    /// waits does so at once.
    /// </summary>
    public void NeverConfirm(FillContext from)
    {
        if (from.Validating is { IsJudgedUnseen: false } validated && store.Peek(from.Key.Text) is { } set && AsItIsNow(validated, set) is var stored && set.Responses.Contains(stored))
        {
            store.Put(from.Key.Text, stored.Unconfirmed(), from.Policy.MaxVariants);
        }
    }

    /// <summary>What was fetched for a verified identity is not served beyond it, fresh or stale.</summary>
    internal static Freshness Capped(Freshness freshness, FillContext from, Instant received)
    {
        if (from.NotAfter is not { } end)
        {
            return freshness;
        }

        var left = Math.Max(0, (long)(end - received.Wall).TotalMilliseconds);
        return freshness with { Lifetime = Math.Min(freshness.Lifetime, freshness.InitialAge + left), StaleWhileRevalidate = 0, StaleIfError = 0 };
    }

    /// <summary>The one line of Cache-Control that holds; null where there are several, or a targeted field took its place.</summary>
    private static string? ControlOf(ResponseFacts facts) =>
        !facts.Targeted && Array.FindAll(facts.Headers, field => field.Is("Cache-Control")) is [var only] ? only.Value : null;

    internal static bool IsShared(ResponseFacts facts) => facts.Directives.Public || facts.Directives.SMaxAge is not null;

    /// <summary>RFC 9111 4.3.4: the stored response with the fields of the 304, fresh again by what both say together.</summary>
    private FillHead Refreshed(FillContext from, StoredResponse stored, Instant sent, Instant received, HeaderField[] headers, HeaderField[] visible)
    {
        // Only what could have been chosen for this request: another client's variant is not what the origin was asked about. The set may have been evicted
        // meanwhile: what was asked about is still here.
        var set = store.Find(from.Key.Text) ?? stored;
        stored = AsItIsNow(stored, set);
        var could = Array.FindAll(set.Responses.ToArray(), other => other == stored || VaryRules.Matches(other.Vary, new RequestHeaderSource(from.Headers), from.Policy));
        var selected = could.Length == 0 ? [] : RevalidationSelect.For(VariantSet.Of(could), visible, stored);
        if (!selected.Contains(stored))
        {
            return FillHead.Failed(StatusCodes.Status502BadGateway, Reason.OriginChanged);
        }

        foreach (var other in selected)
        {
            // A strong validator confirms every variant that has it; a dead one stays dead.
            if (other != stored && !other.IsJudgedUnseen && epochs.IsAlive(other) && Confirm(other) is { Forbidden: null } confirmed)
            {
                Admit(from.Key.Text, confirmed.Response, from.Policy.MaxVariants);
            }
        }

        var (response, forbidden, withheld) = Confirm(stored);
        if (forbidden is { } reason && !Freshened.IsOfTheRequest(reason))
        {
            store.Remove(stored);
        }

        return new FillHead
        {
            Kind = forbidden is null ? FillKind.Stored : FillKind.Withdrawn,
            Status = stored.Status,
            Reason = forbidden ?? Reason.Miss,
            OriginHeaders = [.. response.Headers, .. from.Policy.ForwardTags ? withheld : AnswerFields.WithoutTags(withheld)],
            Response = response,
            LeaderCacheControl = withheld.Length == 0 ? response.ClientCacheControl : null,
            DelayMs = received.Monotonic - sent.Monotonic,
        };

        (StoredResponse Response, Reason? Forbidden, HeaderField[] Withheld) Confirm(StoredResponse confirmed) =>
            Freshened.By(confirmed, from, NotModifiedMerge.Apply(confirmed.Headers, visible), headers, from.Epoch, targeted.Names, sent, received);
    }

    /// <summary>The response as another client's validation has freshened it meanwhile: the same variant with the same body. Itself where none has.</summary>
    private static StoredResponse AsItIsNow(StoredResponse stored, VariantSet set)
    {
        foreach (var other in set.Responses)
        {
            if (other.Body.Identity == stored.Body.Identity && other.Vary.AsSpan().SequenceEqual(stored.Vary))
            {
                return other;
            }
        }

        return stored;
    }
}
