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
/// Location and Content-Location name on the same server. An origin's own error raises nothing; an outcome that nobody knows does, and a while later again. An origin may do what it was
/// asked behind the head of its answer, so where that takes its time it is raised once more before the end. What the client is answered never depends on whether that worked.
/// </summary>
internal sealed class UnsafeRequests(
    IPolicySource policies, DefaultPolicy defaults, Invalidator invalidator, LateRaises late, PassThrough pass, TrafficRecorder traffic, TimeProvider time, ILogger<UnsafeRequests> logger)
{
    /// <summary>Most answers are whole by then, and raised once: as long as it takes an origin to write one that it has.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(100);

    /// <summary>A later raise of one write waits for as long as its first ones left of the two seconds, and for so long at least: whoever lives has it by then.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(250);

    public async Task ForwardAsync(HttpContext context, RequestDelegate next)
    {
        var startedAt = traffic.Timestamp();
        var isSafe = UnsafeMethods.IsSafe(context.Request.Method);
        var reason = isSafe ? Reason.MethodNotCacheable : Reason.MethodUnsafe;
        var write = isSafe ? null : Write.Of(context);
        var scope = write is null ? null : Scope(write);
        if (scope is { IsTooMuch: true })
        {
            // Nothing was written, so nothing is stale.
            await RequestGuard.RefuseRepeatedAsync(context);
            return;
        }

        if (scope is { Before: { IsEmpty: false } before })
        {
            // Others are waited for when the origin has done it.
            await RaiseAsync(before, InvalidationWait.Local, InvalidationOrder.LongestWait);
        }

        // What is to be raised in the end: all of it, until the origin's answer says otherwise; and whether and when it was, last, and for how long its client may wait for that.
        var pending = scope?.With([], null);
        var (isRaised, raisedAt, left) = (false, 0L, InvalidationOrder.LongestWait);
        var (isWhole, mayGoOn) = (false, false);
        var policy = PolicyOf(context);
        ForwardFeature? forward = null;
        forward = new ForwardFeature
        {
            TimedBy = policy,
            Dropped = policy?.DropRequestHeaders ?? [],
            OnResponse = async (http, origin) =>
            {
                mayGoOn = origin.IsBeforeItsEnd;
                http.Response.Headers.Append("Cache-Status", PassThrough.Passed(reason));
                if (scope is not null)
                {
                    pending = UnsafeMethods.Invalidates(origin.Status) ? InForce(write!, scope).With([.. ResponseCapture.Lines(http.Response.Headers), .. origin.Hidden], Asked(forward!.Request)) : null;
                    await RaisePendingAsync();
                }

                if (scope?.KeepsTags ?? defaults.Policy is not null)
                {
                    PassThrough.KeepTags(http.Response.Headers);
                }
            },
            // Of gRPC the proxy sends the end itself; of all others without a Content-Length, whose end is its last byte, the server when this returns.
            OnTrailers = () =>
            {
                var isOverdue = IsOverdue();
                isWhole = true;
                return isOverdue ? RaiseAgainAsync() : ValueTask.CompletedTask;
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
                // RFC 9111 4.4 speaks of responses; without one, or with half of one, the write may still have happened, or happen yet. Who leaves with the last byte breaks nothing.
                var isUnknown = !isRaised || (forward.Error is not null && (mayGoOn || forward.Received != context.Response.ContentLength));
                if (isUnknown || IsOverdue())
                {
                    await RaiseAgainAsync();
                }

                if (isUnknown)
                {
                    late.Add(Later(pending, write!.Kept(), scope!), forward.Times?.Longest ?? TimeSpan.Zero);
                }
            }
        }

        if (!await pass.FinishAsync(context, null, forward, reason))
        {
            pass.Record(context, null, reason, startedAt, forward);
        }

        // An answer without content is whole with its head, over HTTP/1.1.
        bool IsOverdue() => pending is not null && isRaised && (mayGoOn || !(isWhole || IsEmpty(context.Response))) && time.GetElapsedTime(raisedAt) > AtOnce;

        async ValueTask RaiseAgainAsync()
        {
            // Where nobody was told of a change, what is stored is asked for and may stand in for an origin that fails, as just then (decision 14).
            pending = Also(pending!, write!, scope!) with { Soft = forward is { Answered: false } };
            await RaisePendingAsync();
        }

        async ValueTask RaisePendingAsync()
        {
            // First: whatever the origin does while that is told is not covered by it.
            raisedAt = time.GetTimestamp();
            isRaised = pending is null || await RaiseAsync(pending, scope!.Wait, left);
            left = left - time.GetElapsedTime(raisedAt) is var rest && rest > LeastWait ? rest : LeastWait;
        }
    }

    private static bool IsEmpty(HttpResponse response) => response.ContentLength == 0 || response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent;

    /// <summary>
    /// The client's answer waits for this node alone, or a moment for all where a policy says so; what it says never depends on what Redis does, nor on what fails here. False = it
    /// failed.
    /// </summary>
    private async Task<bool> RaiseAsync(InvalidationScope scope, InvalidationWait wait, TimeSpan longest)
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
                    Timeout = longest,
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
    private WriteScope InForce(Write write, WriteScope scope) => scope.IsOf(policies.Current) ? scope : scope.And(Scope(write));

    /// <summary><paramref name="pending"/>, and what the policies in force now say of the same write.</summary>
    private InvalidationScope Also(InvalidationScope pending, Write write, WriteScope scope)
    {
        var now = InForce(write, scope).With([], null);
        return pending with { Urls = [.. pending.Urls.Union(now.Urls)], Tags = [.. pending.Tags.Union(now.Tags)] };
    }

    /// <summary>The same, to be raised when the request is long over.</summary>
    private Func<Task> Later(InvalidationScope known, Write kept, WriteScope scope) => () => RaiseAsync(Also(known, kept, scope), InvalidationWait.Local, InvalidationOrder.LongestWait);

    private WriteScope Scope(Write write)
    {
        var scope = WriteScope.Of(policies.Current, write.Method, write.Scheme, write.Authority, write.Target, new RequestHeaderSource(write.Headers));
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

    /// <summary>What a scope is made of. Its fields are the request's own, and gone with it.</summary>
    private sealed record Write(string Method, string Scheme, string? Authority, string Target, IHeaderDictionary Headers)
    {
        /// <summary>Null where the target names no resource.</summary>
        public static Write? Of(HttpContext context) =>
            TargetOf(context) is { } target ? new(context.Request.Method, context.Request.Scheme, AuthorityOf(context), target, context.Request.Headers) : null;

        /// <summary>For when the request is over.</summary>
        public Write Kept() => this with { Headers = new HeaderDictionary(Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)) };
    }
}
