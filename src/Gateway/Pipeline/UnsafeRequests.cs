using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Forwards every method but GET, HEAD and what opens a WebSocket over HTTP/2, and raises what a write made stale (RFC 9111 4.4) before the client sees the answer: see <see cref="WriteScope"/>, and what
/// Location and Content-Location name on the same server. An origin's own error raises nothing; an outcome that nobody knows does, and a while later again. What the client is
/// answered never depends on whether that worked.
/// </summary>
internal sealed class UnsafeRequests(
    IPolicySource policies, DefaultPolicy defaults, Invalidator invalidator, LateRaises late, PassThrough pass, TrafficRecorder traffic, ILogger<UnsafeRequests> logger)
{
    public async Task ForwardAsync(HttpContext context, RequestDelegate next)
    {
        var startedAt = traffic.Timestamp();
        var isSafe = UnsafeMethods.IsSafe(context.Request.Method);
        var reason = isSafe ? Reason.MethodNotCacheable : Reason.MethodUnsafe;
        var scope = isSafe ? null : Scope(context);
        if (scope is { IsTooMuch: true })
        {
            // Nothing was written, so nothing is stale.
            await RequestGuard.RefuseRepeatedAsync(context);
            return;
        }

        if (scope is { Before: { IsEmpty: false } before })
        {
            await RaiseAsync(before, scope.Wait);
        }

        // What is to be raised when nobody else has: all of it, until the origin's answer says otherwise.
        var pending = scope?.With([], null);
        var policy = PolicyOf(context);
        ForwardFeature? forward = null;
        forward = new ForwardFeature
        {
            TimedBy = policy,
            Dropped = policy?.DropRequestHeaders ?? [],
            OnResponse = async (http, origin) =>
            {
                http.Response.Headers.Append("Cache-Status", PassThrough.Passed(reason));
                if (scope is not null)
                {
                    pending = UnsafeMethods.Invalidates(origin.Status) ? InForce(context, scope).With([.. ResponseCapture.Lines(http.Response.Headers), .. origin.Hidden], Asked(forward!.Request)) : null;
                    if (pending is null || await RaiseAsync(pending, scope.Wait))
                    {
                        pending = null;
                    }
                }

                if (scope?.KeepsTags ?? defaults.Policy is not null)
                {
                    PassThrough.KeepTags(http.Response.Headers);
                }
            },
        };
        context.Features.Set(forward);
        if (scope is { Compresses: true })
        {
            OwnTags.Restore(context.Request);
        }

        LongLived.LiftTimeout(context);
        try
        {
            await next(context);
        }
        finally
        {
            if (forward.Sent && pending is not null)
            {
                // RFC 9111 4.4 speaks of responses; without one the write may still have happened, or happen yet.
                var now = InForce(context, scope!).With([], null);
                pending = pending with { Urls = [.. pending.Urls.Union(now.Urls)], Tags = [.. pending.Tags.Union(now.Tags)] };
                await RaiseAsync(pending, scope!.Wait);
                late.Add(pending);
            }
        }

        if (!await pass.FinishAsync(context, null, forward, reason))
        {
            pass.Record(context, null, reason, startedAt, forward);
        }
    }

    /// <summary>
    /// The client's answer waits for this node alone, or a moment for all where a policy says so; what it says never depends on what Redis does, nor on what fails here. False = it
    /// failed.
    /// </summary>
    private async Task<bool> RaiseAsync(InvalidationScope scope, InvalidationWait wait)
    {
        if (scope.IsEmpty)
        {
            return true;
        }

        try
        {
            // What no policy takes is stored nowhere here; a gateway with another file may have a policy for it.
            var isOfOthers = defaults.Policy is null && WriteScope.IsOfNone(policies.Current, scope);
            await invalidator.RaiseAsync(
                new InvalidationOrder
                {
                    Id = Invalidator.NewId(),
                    Scope = scope,
                    Source = InvalidationSource.UnsafeMethod,
                    Wait = wait,
                    Fallback = isOfOthers ? InvalidationFallback.Tell : InvalidationFallback.Journal,
                },
                CancellationToken.None);
            return true;
        }
        catch (Exception exception)
        {
            logger.NotRaised(exception);
            return false;
        }
    }

    /// <summary>What the write makes stale by the policies it began under, and by those that took their place while it was under way: what was stored by then is tagged by these.</summary>
    private WriteScope InForce(HttpContext context, WriteScope scope) => scope.IsOf(policies.Current) || Scope(context) is not { } now ? scope : scope.And(now);

    private WriteScope? Scope(HttpContext context)
    {
        if (TargetOf(context) is not { } target)
        {
            return null;
        }

        var request = context.Request;
        var scope = WriteScope.Of(policies.Current, request.Method, request.Scheme, AuthorityOf(context), target, new RequestHeaderSource(request.Headers));
        return defaults.Policy is null ? scope : scope with { KeepsTags = true };
    }

    /// <summary>The policy that takes requests of this method: what it drops, and how long it waits, holds for them.</summary>
    private CachePolicy? PolicyOf(HttpContext context) => TargetOf(context) is not { } target ? null
        : policies.Current.Match(context.Request.Method, AuthorityOf(context) ?? "", TargetParts.Path(target), TargetParts.Query(target), new RequestHeaderSource(context.Request.Headers));

    private static string? TargetOf(HttpContext context) => RequestTarget.OriginForm(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    private static string? AuthorityOf(HttpContext context) => RequestTarget.NormaliseAuthority(context.Request.Headers.Host, context.Request.Scheme);

    /// <summary>The host and port by which the origin was asked, normalised.</summary>
    private static string? Asked(HttpRequestMessage? request) =>
        request?.RequestUri is { } uri ? RequestTarget.NormaliseAuthority(request.Headers.Host ?? uri.Authority, uri.Scheme) : null;
}
