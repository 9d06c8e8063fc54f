using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace CacheGateway.Pipeline;

/// <summary>
/// The request as the origin gets it, behind the route's own transforms: the target as the client wrote it (stock YARP re-encodes <c>%2F</c>) unless the route was chosen by another reading of it,
/// without what a policy drops and what belongs to this gateway alone, with Via.
/// </summary>
/// <param name="loop">Writes Via.</param>
/// <param name="traffic">Counts requests to the origin.</param>
/// <param name="rewrites">Whether the route has transforms that may have changed the target.</param>
/// <param name="writtenHost">The Host that the route writes, whoever asks; null where it writes none.</param>
internal sealed class OriginRequestTransform(LoopGuard loop, TrafficRecorder traffic, bool rewrites, string? writtenHost) : RequestTransform
{
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var http = context.HttpContext;
        var forward = http.Features.GetRequiredFeature<ForwardFeature>();
        (forward.Sent, forward.WrittenHost) = (true, writtenHost);
        if (context.DestinationPrefix.StartsWith("https", StringComparison.OrdinalIgnoreCase))
        {
            // Asked for where its name matters.
            forward.DestinationHost = http.Features.Get<IReverseProxyFeature>()?.ProxiedDestination?.Model.Config.Host;
        }

        forward.Request = context.ProxyRequest;
        context.ProxyRequest.Options.Set(ForwardFeature.Key, forward);
        traffic.Of(forward.Policy).Count(TrafficFact.OriginRequests);
        if (forward is { HasContent: true, MayBeEvents: false } && HttpProtocol.IsHttp2(http.Request.Protocol) && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // For a slow body the server would end the connection with all other requests on it. Silence is limited all the same, by the cluster's ActivityTimeout.
            rate.MinDataRate = null;
        }

        TrustedFields.DropAliases(context.ProxyRequest, forward.Policy);
        Drop(context, forward.Dropped);
        if (http.Request.Method is "GET" or "HEAD")
        {
            if (!forward.HasContent)
            {
                // There is nothing that Content-Type could describe, and origins are known to refuse odd ones.
                context.ProxyRequest.Content = null;
            }

            if (forward.Policy is { } policy)
            {
                DropOwnCookie(context, policy);
            }
        }
        else if (http.Request.Method is not ("OPTIONS" or "CONNECT") && context.ProxyRequest.Content is null)
        {
            // The client library sends a request without content up to four times where connections end without an answer. What may change something is sent once (RFC 9110 9.2.2).
            context.ProxyRequest.Content = new ByteArrayContent([]);
        }

        if (!forward.HasContent && http.Request.Headers.Expect.Count > 0)
        {
            // RFC 9110 10.1.1: without content nothing is expected. The library would send what expects something once more.
            context.ProxyRequest.Headers.Remove(HeaderNames.Expect);
        }

        if (http.Request.Headers.Authorization is { Count: > 0 } authorization && authorization.Any(IsOfConnection))
        {
            // Such an origin knows the connection from then on, and would answer whoever has it next in this client's name (RFC 4559 6).
            context.ProxyRequest.Headers.ConnectionClose = true;
        }

        if (http.Request.Method is not ("GET" or "HEAD" or "CONNECT") && context.ProxyRequest.Method == HttpMethod.Get && http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            // For an upgrade the proxy asks by GET, whatever the client does.
            context.ProxyRequest.Method = HttpMethod.Parse(http.Request.Method);
        }

        loop.Mark(context.ProxyRequest, http.Request.Protocol);
        var target = forward.Target ?? RequestTarget.OriginForm(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (rewrites && IsRewritten(context))
        {
            KeepSlashes(context, target ?? "");
            return ValueTask.CompletedTask;
        }

        if (target is not null)
        {
            var path = TargetParts.Path(target);
            var sent = RoutePath.IsReadInTwoWays(http, path) ? string.Concat(RoutePath.Resolved(path, context.Path), target.AsSpan(path.Length)) : target;
            context.ProxyRequest.RequestUri = new Uri(string.Concat(context.DestinationPrefix.AsSpan().TrimEnd('/'), sent), Verbatim);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// An encoded slash is left encoded where a path is decoded, and YARP would encode it once more. Where the client also encoded a percent sign before "2F", nobody can tell the two apart any
    /// more, and what YARP makes of them stays.
    /// </summary>
    private static void KeepSlashes(RequestTransformContext context, string target)
    {
        var path = TargetParts.Path(target);
        if (context.ProxyRequest.RequestUri is null && path.Contains("%2F", StringComparison.OrdinalIgnoreCase) && !path.Contains("%252F", StringComparison.OrdinalIgnoreCase))
        {
            var made = RequestUtilities.MakeDestinationAddress(context.DestinationPrefix, context.Path, context.Query.QueryString).AbsoluteUri;
            var query = made.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? at : made.Length;
            var kept = made[..query].Replace("%252F", "%2F", StringComparison.Ordinal).Replace("%252f", "%2f", StringComparison.Ordinal);
            context.ProxyRequest.RequestUri = new Uri(string.Concat(kept, made.AsSpan(query)), Verbatim);
        }
    }

    private static bool IsRewritten(RequestTransformContext context) =>
        context.Path != context.HttpContext.Request.Path || context.Query.QueryString != context.HttpContext.Request.QueryString;

    /// <summary>Behind the route's own transforms: what the policy drops is dropped whoever wrote it.</summary>
    private static void Drop(RequestTransformContext context, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            // The client library throws where it is asked for one of the content's own among the others, and the other way round.
            if (context.ProxyRequest.Headers.NonValidated.Contains(name))
            {
                context.ProxyRequest.Headers.Remove(name);
            }
            else if (context.ProxyRequest.Content is { } content && content.Headers.NonValidated.Contains(name))
            {
                content.Headers.Remove(name);
            }
        }
    }

    /// <summary>Schemes that prove who asks once for all that follows on a connection.</summary>
    private static bool IsOfConnection(string? authorization) =>
        authorization is not null && (authorization.StartsWith("NTLM", StringComparison.OrdinalIgnoreCase) || authorization.StartsWith("Negotiate", StringComparison.OrdinalIgnoreCase));

    /// <summary>The cookie that chose the destination goes no further: it is no part of the key.</summary>
    private static void DropOwnCookie(RequestTransformContext context, CachePolicy policy)
    {
        if (ForwardedFields.AffinityOf(context.HttpContext) is { } affinity && !policy.Key.Cookies.Contains(affinity, StringComparer.Ordinal)
            && context.ProxyRequest.Headers.NonValidated.TryGetValues(HeaderNames.Cookie, out var cookies))
        {
            var kept = CookieValues.Without(string.Join("; ", cookies), name => name == affinity);
            context.ProxyRequest.Headers.Remove(HeaderNames.Cookie);
            if (kept.Length > 0)
            {
                context.ProxyRequest.Headers.TryAddWithoutValidation(HeaderNames.Cookie, kept);
            }
        }
    }
}
