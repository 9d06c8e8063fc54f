using System.Net;
using System.Net.Http.Headers;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.Pipeline;

/// <summary>
/// What the gateway adds to every YARP route: the request target as the client wrote it (stock YARP re-encodes <c>%2F</c>) unless the route was chosen by
/// another reading of it, fields nominated by Connection dropped both ways (RFC 9110 7.6.1), what a policy drops, Via both ways.
/// </summary>
internal sealed class ForwardTransforms(LoopGuard loop, TrafficRecorder traffic, TargetedFields targeted) : ITransformProvider
{
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
        var host = new HostRule(context.Route.Transforms ?? []);
        if (host.Written is not null && !host.IsOriginalNamed)
        {
            // Else the proxy takes the one that is written for the client's own, and away, where the two are the same.
            context.AddOriginalHost(useOriginal: true);
        }

        if (context.UseDefaultForwarders is null)
        {
            // As the proxy's own, but for the host: that decodes internationalised names, and fails on ill-formed ones.
            context.UseDefaultForwarders = false;
            context.AddXForwardedFor(action: ActionOf("X-Forwarded-For"));
            context.AddXForwardedProto(action: ActionOf("X-Forwarded-Proto"));
            context.AddXForwardedPrefix(action: ActionOf("X-Forwarded-Prefix"));
            if (ActionOf("X-Forwarded-Host") == ForwardedTransformActions.Set)
            {
                context.AddRequestTransform(ForwardedHost);
            }
        }

        // Behind all others: what is dropped is dropped whoever wrote it.
        context.AddRequestTransform(transform => Request(transform, rewrites, host.Written));

        // Asked here, before this one is among them.
        var hides = context.ResponseTransforms.Count > 0 || context.CopyResponseHeaders == false;
        context.AddResponseTransform(transform => Response(transform, hides));

        // What the route writes itself stays: whoever ends TLS in front of this gateway can say so.
        ForwardedTransformActions ActionOf(string name) =>
            context.Route.Transforms?.Any(transform => transform.ContainsKey("Set") && transform.TryGetValue("RequestHeader", out var written) && written.Equals(name, StringComparison.OrdinalIgnoreCase)) == true
                ? ForwardedTransformActions.Off
                : ForwardedTransformActions.Set;
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

    private async ValueTask Response(ResponseTransformContext context, bool hides)
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
        var hidden = !hides ? [] : forward.Policy is null ? HiddenFields.OfWrite(response, http.Response.Headers) : HiddenFields.Of(response, http.Response.Headers, targeted.Names);
        var facts = Facts(response, http.Features.Get<IReverseProxyFeature>()?.Cluster?.Config.SessionAffinity, forward.Policy, hidden);
        if (facts.IsMalformed || (facts.Status == StatusCodes.Status101SwitchingProtocols && !IsUpgradable(http.Features)))
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

        if (facts.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            // RFC 9112 6.3 and RFC 9110 15.3.6: there is no content, whatever its fields say, and the server would refuse to say so.
            http.Response.Headers.Remove(HeaderNames.ContentLength);
            context.SuppressResponseBody |= facts.Status == StatusCodes.Status205ResetContent;
        }

        if (!http.Response.SupportsTrailers())
        {
            // What it announces stays behind.
            http.Response.Headers.Remove(HeaderNames.Trailer);
        }

        (forward.OriginStatus, forward.Answered) = (facts.Status, true);
        CountAnswer(forward.Policy, response);
        await forward.RespondedAsync(http, facts);
        if (forward.IsWithheld)
        {
            context.SuppressResponseBody = true;
            return;
        }

        var isOfEvents = IsOfType(http.Response, "text/event-stream");
        if (isOfEvents || (IsOfType(http.Response, "application/grpc") && !response.Headers.NonValidated.Contains("grpc-status")))
        {
            // (A head with a status is the whole answer, and must end in the same frame, or clients of gRPC take it for a broken one.)
            // A client may wait for the head before there is a first event, or before it sends its first message.
            await http.Response.Body.FlushAsync(context.CancellationToken);
        }

        if (isOfEvents)
        {
            forward.LeavePlace();
        }
        else if (forward.Timer is not null && response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            response.Content = new TimedContent(response.Content, forward);
        }
    }

    /// <summary>Whether the client asked for another protocol: by Upgrade, or over HTTP/2 by an extended CONNECT (RFC 8441).</summary>
    private static bool IsUpgradable(IFeatureCollection features) =>
        features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private static bool IsOfType(HttpResponse response, string type) => response.ContentType?.StartsWith(type, StringComparison.OrdinalIgnoreCase) == true;

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
        AnswerHead.TakeBack(context.HttpContext.Response);
        context.HttpContext.Response.StatusCode = StatusCodes.Status502BadGateway;
    }

    private static OriginResponse Facts(HttpResponseMessage response, SessionAffinityConfig? affinity, CachePolicy? policy, HeaderField[] hidden)
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
        return new OriginResponse(status, malformed, affinity is { Enabled: true } ? affinity.AffinityKeyName : null, hidden)
        {
            IsCloseDelimited = response.Version.Major == 1 && lengths.Count == 0 && !(chunked && codings.ToString().Contains("chunked", StringComparison.OrdinalIgnoreCase))
                && status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
                && response.RequestMessage?.Method != HttpMethod.Head,
        };
    }

    /// <summary>Schemes that prove who asks once for all that follows on a connection.</summary>
    private static bool IsOfConnection(string authorization) =>
        authorization.StartsWith("NTLM", StringComparison.OrdinalIgnoreCase) || authorization.StartsWith("Negotiate", StringComparison.OrdinalIgnoreCase);

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

    private ValueTask Request(RequestTransformContext context, bool rewrites, string? writtenHost)
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

        if (http.Request.Headers.Authorization is { Count: > 0 } authorization && IsOfConnection(authorization.ToString()))
        {
            // Such an origin knows the connection from then on, and would answer whoever has it next in this client's name (RFC 4559 6).
            context.ProxyRequest.Headers.ConnectionClose = true;
        }

        if (context.ProxyRequest.Method != HttpMethod.Connect && http.Request.Method is not ("GET" or "HEAD" or "CONNECT") && context.ProxyRequest.Method.Method != http.Request.Method)
        {
            // For an upgrade the proxy would ask by GET, whatever the client does.
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
}
