using System.Net;
using System.Net.Http.Headers;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.Pipeline;

/// <summary>
/// What the gateway adds to every YARP route: the request target as the client wrote it (stock YARP re-encodes <c>%2F</c>) unless the route was chosen by
/// another reading of it, fields nominated by Connection dropped both ways (RFC 9110 7.6.1), headers a client could use to pose as a proxy dropped where responses are shared, Via both ways.
/// </summary>
internal sealed class ForwardTransforms(LoopGuard loop, TrafficRecorder traffic) : ITransformProvider
{
    /// <summary>What proxies say of a client begins so, and every framework knows other names of the kind.</summary>
    private const string Forwarded = "X-Forwarded-";

    /// <summary>Those of them that the gateway writes itself, over what a client wrote.</summary>
    private static readonly HashSet<string> OwnForwarded = new(["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Headers that frameworks trust although any client can send them: on a cached route they never reach the origin unless they are keyed.</summary>
    private static readonly HashSet<string> TrustedLooking = new(
    [
        "Forwarded", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X-Host", "X-Original-Host", "X-Original-Forwarded-For", "X-Url-Scheme", "Front-End-Https",
        "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override",
        "x-nextjs-data", "x-now-route-matches", "x-middleware-prefetch", "x-middleware-subrequest", "X-Ghost-Preview", "Rsc",
    ],
    StringComparer.OrdinalIgnoreCase);

    /// <summary>The same, and the fields that delimit a message, as some servers read them where a name has underscores.</summary>
    private static readonly HashSet<string> Aliased = new(
        [.. TrustedLooking, "Host", "Content-Length", "Transfer-Encoding", "Connection", "Via", "CDN-Loop"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rewrites = context.Route.Transforms is { Count: > 0 };
        context.AddRequestTransform(transform => Request(transform, rewrites));
        if (context.UseDefaultForwarders is null)
        {
            // As the proxy's own, but for the host: that decodes internationalised names, and fails on ill-formed ones.
            context.UseDefaultForwarders = false;
            context.AddXForwardedFor(action: ForwardedTransformActions.Set);
            context.AddXForwardedProto(action: ForwardedTransformActions.Set);
            context.AddXForwardedPrefix(action: ForwardedTransformActions.Set);
            context.AddRequestTransform(ForwardedHost);
        }

        context.AddResponseTransform(Response);
    }

    private static ValueTask ForwardedHost(RequestTransformContext context)
    {
        const string Name = "X-Forwarded-Host";
        context.ProxyRequest.Headers.Remove(Name);
        if (context.HttpContext.Request.Headers.Host is { Count: > 0 } host)
        {
            context.ProxyRequest.Headers.TryAddWithoutValidation(Name, (string?)host);
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsRewritten(RequestTransformContext context) =>
        context.Path != context.HttpContext.Request.Path || context.Query.QueryString != context.HttpContext.Request.QueryString;

    private static void DropTrustedLooking(RequestTransformContext context, CachePolicy policy)
    {
        // By the fields that are there: they are few, and mostly none of these.
        List<string>? found = null;
        foreach (var (name, _) in context.ProxyRequest.Headers.NonValidated)
        {
            if (IsTrustedLooking(name) && !policy.Key.Headers.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                (found ??= []).Add(name);
            }
        }

        found?.ForEach(name => context.ProxyRequest.Headers.Remove(name));
        foreach (var name in policy.DropRequestHeaders)
        {
            // Content's own went with the content; the client library throws where it is asked for one here.
            if (context.ProxyRequest.Headers.NonValidated.Contains(name))
            {
                context.ProxyRequest.Headers.Remove(name);
            }
        }
    }

    private static bool IsTrustedLooking(string name) =>
        TrustedLooking.Contains(name) || (name.StartsWith(Forwarded, StringComparison.OrdinalIgnoreCase) && !OwnForwarded.Contains(name));

    private static bool IsAliased(string name) => Aliased.Contains(name) || name.StartsWith(Forwarded, StringComparison.OrdinalIgnoreCase);

    /// <summary>CGI and its heirs read "X_Forwarded_Host" as X-Forwarded-Host: what a field may not say, its alias may not.</summary>
    private static void DropAliases(HttpRequestMessage request)
    {
        List<string>? aliases = null;
        foreach (var (name, _) in request.Headers.NonValidated)
        {
            if (name.Contains('_', StringComparison.Ordinal) && IsAliased(name.Replace('_', '-')))
            {
                (aliases ??= []).Add(name);
            }
        }

        aliases?.ForEach(name => request.Headers.Remove(name));
    }

    private async ValueTask Response(ResponseTransformContext context)
    {
        if (EventThread.IsCurrent)
        {
            // The answer was there before anybody waited for it: what follows takes longer than to ask.
            await Task.Yield();
        }

        var http = context.HttpContext;
        var forward = http.Features.GetRequiredFeature<ForwardFeature>();
        if (forward.Interim is { } interim)
        {
            await interim.CloseAsync();
        }

        if (context.ProxyResponse is not { } response)
        {
            return;
        }

        forward.Timer?.Came();
        var facts = Facts(response, http.Features.Get<IReverseProxyFeature>()?.Cluster?.Config.SessionAffinity, forward.Policy);
        if (facts.IsMalformed || (facts.Status == StatusCodes.Status101SwitchingProtocols && http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }))
        {
            forward.IsMalformed = true;
            Refuse(context);
            return;
        }

        if (response.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection))
        {
            foreach (var name in NominatedFields.Names(connection.ToArray()))
            {
                http.Response.Headers.Remove(name);
            }
        }

        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            http.Response.Headers.Append(HeaderNames.Via, LoopGuard.ViaValue(response.Version));
        }

        if (!http.Response.SupportsTrailers())
        {
            // What it announces stays behind.
            http.Response.Headers.Remove(HeaderNames.Trailer);
        }

        forward.Answered = true;
        CountAnswer(forward.Policy, response);
        await forward.RespondedAsync(http, facts);
        if (http.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true)
        {
            forward.LeavePlace();
            // A client of events waits for the head before there is a first event.
            await http.Response.Body.FlushAsync(context.CancellationToken);
        }
        else if (forward.Timer is not null && response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            response.Content = new TimedContent(response.Content, forward);
        }
    }

    private void CountAnswer(CachePolicy? policy, HttpResponseMessage response)
    {
        var counts = traffic.Of(policy);
        if ((int)response.StatusCode >= 500)
        {
            counts.Count(TrafficFact.OriginErrors);
        }

        if (response.Headers.NonValidated.TryGetValues("Server-Timing", out var timing) && QueryCount.Of(timing.ToString()) is { } queries)
        {
            counts.Count(TrafficFact.OriginQueries, queries);
            counts.Count(TrafficFact.OriginAnswersWithQueries);
        }
    }

    /// <summary>A message whose framing, status or fields are none: nothing of it goes on (RFC 9112 6.3 asks for 502).</summary>
    private static void Refuse(ResponseTransformContext context)
    {
        context.SuppressResponseBody = true;
        context.HttpContext.Response.Clear();
        context.HttpContext.Response.StatusCode = StatusCodes.Status502BadGateway;
    }

    private static OriginResponse Facts(HttpResponseMessage response, SessionAffinityConfig? affinity, CachePolicy? policy)
    {
        var chunked = response.Headers.NonValidated.TryGetValues(HeaderNames.TransferEncoding, out var codings);
        var lengths = response.Content.Headers.NonValidated.TryGetValues(HeaderNames.ContentLength, out var values) ? values : default;
        var status = (int)response.StatusCode;
        var malformed = status is < 200 and not StatusCodes.Status101SwitchingProtocols
            || lengths.Count > 1
            || (chunked && !(codings.Count == 1 && (codings.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase)
                || (policy is not null && ProfileRules.For(policy.Profile).TakesUnknownCodings && !codings.ToString().Contains("chunked", StringComparison.OrdinalIgnoreCase)))))
            || (lengths.Count == 1 && (chunked || !IsLength(lengths.ToString())))
            || HasControls(response.Headers.NonValidated) || HasControls(response.Content.Headers.NonValidated);
        return new OriginResponse(status, malformed, affinity is { Enabled: true } ? affinity.AffinityKeyName : null);
    }

    /// <summary>Where single cookies are keyed, the one that chose the destination goes no further.</summary>
    private static void DropOwnCookie(RequestTransformContext context, CachePolicy policy)
    {
        if (policy.Key.Cookies.Count > 0 && ForwardedFields.AffinityOf(context.HttpContext) is not null
            && context.ProxyRequest.Headers.NonValidated.TryGetValues(HeaderNames.Cookie, out var cookies))
        {
            var kept = CookieValues.Select(string.Join("; ", cookies), policy.Key.Cookies);
            context.ProxyRequest.Headers.Remove(HeaderNames.Cookie);
            if (kept.Length > 0)
            {
                context.ProxyRequest.Headers.TryAddWithoutValidation(HeaderNames.Cookie, kept);
            }
        }
    }

    /// <summary>
    /// RFC 9110 5.5: judged where the answer is first seen, before anything of it is stored, merged or sent: no server writes such a value, and each who got it from
    /// the store would get an error in its place.
    /// </summary>
    private static bool HasControls(HttpHeadersNonValidated fields)
    {
        foreach (var (_, values) in fields)
        {
            foreach (var value in values)
            {
                if (!Tokens.IsFieldValue(value))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Digits alone, and no more of them than any length has.</summary>
    private static bool IsLength(string text) => text.Length is > 0 and <= 18 && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private ValueTask Request(RequestTransformContext context, bool rewrites)
    {
        var http = context.HttpContext;
        var forward = http.Features.GetRequiredFeature<ForwardFeature>();
        forward.Sent = true;
        forward.Request = context.ProxyRequest;
        context.ProxyRequest.Options.Set(ForwardFeature.Key, forward);
        traffic.Of(forward.Policy).Count(TrafficFact.OriginRequests);
        DropAliases(context.ProxyRequest);
        if (http.Request.Method is "GET" or "HEAD")
        {
            if (!forward.HasContent)
            {
                // There is nothing that Content-Type could describe, and origins are known to refuse odd ones.
                context.ProxyRequest.Content = null;
            }

            if (forward.Policy is { } policy)
            {
                DropTrustedLooking(context, policy);
                DropOwnCookie(context, policy);
            }
        }

        loop.Mark(context.ProxyRequest, http.Request.Protocol);
        if (rewrites && IsRewritten(context))
        {
            return ValueTask.CompletedTask;
        }

        var target = forward.Target ?? RequestTarget.OriginForm(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (target is not null)
        {
            var path = TargetParts.Path(target);
            var sent = RoutePath.IsReadInTwoWays(http, path) ? string.Concat(RoutePath.Resolved(path, context.Path), target.AsSpan(path.Length)) : target;
            context.ProxyRequest.RequestUri = new Uri(string.Concat(context.DestinationPrefix.AsSpan().TrimEnd('/'), sent), Verbatim);
        }

        return ValueTask.CompletedTask;
    }
}
