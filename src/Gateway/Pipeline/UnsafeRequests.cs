using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Forwards every method but GET and HEAD, and raises what a write made stale (RFC 9111 4.4) before the client sees the answer: the URI,
/// same-origin Location and Content-Location, and the tags of every policy whose match holds. An origin's own error raises nothing; an
/// outcome that nobody knows does.
/// </summary>
internal sealed class UnsafeRequests(IPolicySource policies, Invalidator invalidator, PassThrough pass, TrafficRecorder traffic)
{
    /// <summary>
    /// Stands for the host of a request that names none, in relative references and groups; no name of a host ends so (RFC 6761 6.4). Groups of such a write are
    /// nobody's: they belong to an origin (RFC 9875 2.1), and it names none.
    /// </summary>
    private const string NoHost = "unnamed.invalid";

    /// <summary>Longest scheme and authority before a target.</summary>
    private const int MostHost = 512;

    public async Task ForwardAsync(HttpContext context, RequestDelegate next)
    {
        var startedAt = traffic.Timestamp();
        var isSafe = UnsafeMethods.IsSafe(context.Request.Method);
        var reason = isSafe ? Reason.MethodNotCacheable : Reason.MethodUnsafe;
        var scope = isSafe ? null : Scope(context);
        if (scope is { Before: { IsEmpty: false } before })
        {
            await invalidator.RaiseAsync(before, InvalidationSource.UnsafeMethod, scope.Wait);
        }

        var forward = new ForwardFeature
        {
            OnResponse = async (http, origin) =>
            {
                http.Response.Headers.Append("Cache-Status", PassThrough.Passed(reason));
                if (scope is not null && UnsafeMethods.Invalidates(origin.Status))
                {
                    await RaiseAsync(scope, ResponseCapture.Lines(http.Response.Headers));
                }
            },
        };
        context.Features.Set(forward);
        if (scope is { Compresses: true })
        {
            OwnTags.Restore(context.Request.Headers);
        }

        LongLived.LiftTimeout(context);
        try
        {
            await next(context);
        }
        finally
        {
            if (scope is not null && forward is { Sent: true, Answered: false })
            {
                // RFC 9111 4.4 speaks of responses; without one the write may still have happened.
                await RaiseAsync(scope, []);
            }
        }

        if (!await pass.FinishAsync(context, null, forward))
        {
            pass.Record(context, null, reason, startedAt, forward);
        }
    }

    private async Task RaiseAsync(UnsafeScope scope, HeaderField[] response)
    {
        var targets = UnsafeMethods.SameOriginTargets(response, scope.Scheme, scope.Authority ?? NoHost, scope.Target);
        var groups = response.Where(field => field.Is("Cache-Group-Invalidation"))
            .SelectMany(field => CacheGroups.Parse(field.Value))
            .Select(group => CacheGroups.Tag(new ResourceId(scope.Scheme, scope.Authority ?? NoHost, scope.Target, "", false), group));
        var raised = new InvalidationScope
        {
            Urls = [.. scope.Urls, .. targets.Select(target => Url(scope.Scheme, scope.Authority, target)).Where(IsStorable)],
            Tags = [.. scope.Tags, .. groups.Where(IsTag)],
        };
        if (!raised.IsEmpty)
        {
            // The client's answer waits for this node alone, or a moment for all where a policy says so; what it says never depends on what Redis does.
            await invalidator.RaiseAsync(raised, InvalidationSource.UnsafeMethod, scope.Wait);
        }
    }

    private UnsafeScope? Scope(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var authority = RequestTarget.NormaliseAuthority(context.Request.Headers.Host, context.Request.Scheme);
        if (RequestTarget.OriginForm(raw) is not { } target)
        {
            return null;
        }

        var scheme = context.Request.Scheme;
        var path = TargetParts.Path(target).ToString();
        var headers = new RequestHeaderSource(context.Request.Headers);
        var urls = new HashSet<string>(StringComparer.Ordinal) { Url(scheme, authority, target) };
        var tags = new HashSet<string>(StringComparer.Ordinal);
        var before = new HashSet<string>(StringComparer.Ordinal);
        var wait = InvalidationWait.Local;
        var compresses = false;
        foreach (var policy in policies.Current.MatchingForInvalidation(authority ?? "", path))
        {
            compresses |= policy.Compress;
            // The URI as this policy keys it: without the parameters it ignores.
            urls.Add(Url(scheme, authority, QueryRules.Apply(target, policy.Key)));
            if (policy.Match.Path?.ListOf(path) is { } list)
            {
                // What lists it could hold it, or not any more: with every query.
                urls.Add(Url(scheme, authority, list));
                urls.Add(Url(scheme, authority, list + "/"));
            }

            var resource = new ResourceId(scheme, authority ?? NoHost, target, policy.Name, true);
            TagExpansion.AddRequestTags(tags, policy.Invalidates, policy, resource, headers);
            wait = policy.InvalidateOnAll ? InvalidationWait.All : wait;
            if (policy.InvalidateBefore)
            {
                TagExpansion.AddRequestTags(before, policy.Invalidates, policy, resource, headers);
            }
        }

        return new UnsafeScope(
            scheme, authority, target, [.. urls.Where(IsStorable)], [.. tags.Where(IsTag)], new InvalidationScope { Tags = [.. before.Where(IsTag)] }, wait, compresses);
    }

    /// <summary>HTTP/1.0 may leave the host away: then it is the target of every host.</summary>
    private static string Url(string scheme, string? authority, string target) => authority is null ? target : $"{scheme}://{authority}{target}";

    /// <summary>Nothing is stored for longer targets, and a mark for each would only take room.</summary>
    private static bool IsStorable(string url) => url.Length <= KeyBuilder.MaxTarget + MostHost;

    /// <summary>What no stored response can have needs no mark; nodes would take it for something they cannot read.</summary>
    private static bool IsTag(string tag) => TagText.IsTag(tag);

    private sealed record UnsafeScope(string Scheme, string? Authority, string Target, string[] Urls, string[] Tags, InvalidationScope Before, InvalidationWait Wait, bool Compresses);
}
