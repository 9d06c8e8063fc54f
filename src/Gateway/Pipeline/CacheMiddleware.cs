using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// The way of a request, step by step: match a policy, build the key, look up, decide, act. It holds no HTTP rule itself: those are pure
/// functions in Http/, and only <see cref="ResponseSender"/> and YARP write to a client.
/// </summary>
internal sealed class CacheMiddleware(
    RequestDelegate next, IPolicySource policies, DefaultPolicy defaults, KeyBuilder keys, TieredStore store, TagEpochs epochs,
    UncacheableMemory uncacheable, OriginRoundTrip roundTrip, PassThrough pass, UnsafeRequests unsafeRequests, BackgroundRefresher refresher,
    ResponseSender sender, LoopGuard loop, Shortcuts shortcuts, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var arrival = epochs.Now;
        if (loop.IsLoop(request.Headers))
        {
            return sender.SendLoopAsync(context);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            return unsafeRequests.ForwardAsync(context, next);
        }

        var table = policies.Current;
        if (!table.Enabled || !defaults.IsCachingEnabled)
        {
            return pass.ForwardAsync(context, next, null, Reason.CacheOff);
        }

        if (RequestReader.PassReason(context) is { } known)
        {
            return pass.ForwardAsync(context, next, null, known);
        }

        if (KeyBuilder.Identify(context) is not (var authority, var target))
        {
            return pass.ForwardAsync(context, next, null, Reason.Unkeyable);
        }

        // match
        var (path, query) = Split(target);
        var policy = table.Match("GET", authority, path, query, new RequestHeaderSource(request.Headers)) ?? defaults.Policy;
        if (policy is null || !policy.Enabled)
        {
            return pass.ForwardAsync(context, next, null, policy is null ? Reason.NoPolicy : Reason.PolicyOff);
        }

        // key
        if (!IdentityVerifier.TryVerify(table, policy, context, time.GetUtcNow(), out var claim))
        {
            return pass.ForwardAsync(context, next, policy, Reason.Credentials);
        }

        if (keys.Build(context, policy, table.Version, authority, target, claim?.Value) is not { } key)
        {
            return pass.ForwardAsync(context, next, policy, Reason.Unkeyable);
        }

        // look up
        var facts = RequestReader.Read(request);
        var found = new CacheRequest
        {
            Context = context,
            Next = next,
            Table = table,
            Policy = policy,
            Key = key,
            Facts = facts,
            Arrival = arrival,
            Known = store.Find(key.Text),
            NotAfter = claim?.ExpiresAt,
        };
        var stored = Select(found, out var liveness);
        return store.IsShared && IsWorthAsking(found, stored, liveness) ? ActAfterSharedAsync(found) : ActAsync(found, stored, liveness);
    }

    private static (string Path, string Query) Split(string target)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (target, "") : (target[..mark], target[(mark + 1)..]);
    }

    /// <summary>The response that the request selects among those known of, unless an invalidation killed it.</summary>
    private StoredResponse? Select(CacheRequest request, out Liveness liveness)
    {
        var stored = request.Known is null ? null : VaryRules.Select(request.Known, request.Headers, request.Policy, request.Facts.Range);
        liveness = stored is null ? Liveness.Alive : epochs.Check(stored);
        return liveness == Liveness.Dead ? null : stored;
    }

    /// <summary>
    /// Memory cannot answer, and another node may have put there what can; not where the answer will be the origin's in any case.
    /// </summary>
    private bool IsWorthAsking(CacheRequest request, StoredResponse? stored, Liveness liveness)
    {
        var directives = request.Facts.Directives;
        var now = Instant.MonotonicNow(time);
        return (stored is null || liveness == Liveness.Soft || !(stored.Freshness.IsFreshAt(now) || ServeDecision.MayServeWhileRefreshing(stored, now)))
            && !directives.NoStore && request.Facts.IfMatch is null && request.Facts.IfUnmodifiedSince is null
            && (request.Known is not null || directives.OnlyIfCached || !IsRemembered(request));
    }

    /// <summary>
    /// The wait ends by the time limit of reads at the latest. What was found is judged after it, by all marks that were raised up to then, the
    /// request's arrival among them.
    /// </summary>
    private async Task ActAfterSharedAsync(CacheRequest request)
    {
        request.Known = await store.FindSharedAsync(request.Key, request.Headers, request.Policy, Compression.Prepare);
        if (!request.ClientGone.IsCancellationRequested)
        {
            await ActAsync(request, Select(request, out var liveness), liveness);
        }
    }

    private Task ActAsync(CacheRequest request, StoredResponse? stored, Liveness liveness)
    {
        if (PassReason(request, stored) is { } reason)
        {
            return pass.ForwardAndStoreAsync(request, null, reason);
        }

        // decide
        var now = Instant.MonotonicNow(time);
        var decision = ServeDecision.For(stored, request.Known is not null, request.Facts, request.Policy, now);
        if (liveness == Liveness.Dead && decision.Action == ServeAction.Fetch)
        {
            decision = decision with { Reason = Reason.Invalidated };
        }
        else if (liveness == Liveness.Soft && decision.Action is ServeAction.Serve or ServeAction.ServeStaleAndRefresh)
        {
            decision = decision with { Action = ServeAction.Validate, Reason = Reason.Invalidated };
        }
        else if (decision.Action is ServeAction.Serve or ServeAction.ServeStaleAndRefresh && !epochs.IsTrusted(now, request.Policy.MaxBlind))
        {
            // Something may have been raised that never came here: the origin is asked.
            decision = request.Facts.Directives.OnlyIfCached
                ? decision with { Action = ServeAction.Fail, Reason = Reason.OnlyIfCached }
                : decision with { Action = ServeAction.Validate, Reason = Reason.Blind };
        }

        // act
        switch (decision.Action)
        {
            case ServeAction.Serve:
                shortcuts.Keep(request);
                return sender.SendStoredAsync(request, stored!, decision);
            case ServeAction.ServeStaleAndRefresh:
                refresher.Start(request, stored!);
                return sender.SendStoredAsync(request, stored!, decision);
            case ServeAction.Fail:
                return sender.SendFailureAsync(request.Context, request.Policy, StatusCodes.Status504GatewayTimeout, decision.Reason);
            case ServeAction.Pass:
                return pass.ForwardAndStoreAsync(request, stored, decision.Reason);
            default:
                return MustPass(request, stored) is { } alone
                    ? pass.ForwardAndStoreAsync(request, stored, alone)
                    : roundTrip.FetchAsync(request, stored, decision);
        }
    }

    /// <summary>
    /// Requests with credentials under no identity rule never share a fetch; remembered keys do not queue.
    /// </summary>
    private Reason? PassReason(CacheRequest request, StoredResponse? stored)
    {
        var facts = request.Facts;
        var rules = ProfileRules.For(request.Policy.Profile);
        if (request.Policy.Key.Identity == IdentityRule.None && stored is null && !facts.Directives.OnlyIfCached)
        {
            if (facts.HasAuthorization)
            {
                return Reason.Credentials;
            }

            if (facts.HasCookie && rules.TreatsCookieAsCredential)
            {
                return Reason.Cookies;
            }
        }

        return request.Known is null && !facts.Directives.OnlyIfCached && IsRemembered(request) ? Reason.HitForMiss : null;
    }

    private bool IsRemembered(CacheRequest request) =>
        uncacheable.IsRemembered(request.Key.Text, Instant.MonotonicNow(time)) || uncacheable.IsRouteRemembered(request.Policy, request.Key.Resource);

    /// <summary>What needs the origin but must not be collapsed or fetched without its conditions.</summary>
    private static Reason? MustPass(CacheRequest request, StoredResponse? stored)
    {
        var facts = request.Facts;
        return facts.IsHead ? Reason.MethodNotCacheable
            : facts.Range is not null && stored is null && request.Policy.RangeFetchWhole == 0 ? Reason.RequestRange
            : null;
    }
}
