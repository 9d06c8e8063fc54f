using System.Net;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace CacheGateway.Pipeline;

/// <summary>
/// The origin's answer before its head goes on: refused where it is none, without fields nominated by Connection (RFC 9110 7.6.1), with Via; told to whoever forwarded the request, counted,
/// and its body watched by the time limits.
/// </summary>
/// <param name="traffic">Counts answers of the origin.</param>
/// <param name="targeted">Names of the fields that hold in place of Cache-Control.</param>
/// <param name="hides">Whether the route has transforms that may have taken fields away.</param>
internal sealed class OriginAnswerTransform(TrafficRecorder traffic, TargetedFields targeted, bool hides) : ResponseTransform
{
    public override async ValueTask ApplyAsync(ResponseTransformContext context)
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
        var facts = OriginResponse.Of(response, http.Features.Get<IReverseProxyFeature>()?.Cluster?.Config.SessionAffinity, forward.Policy, hidden);
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
        var isOfEvents = IsOfType(http.Response, "text/event-stream");
        if (isOfEvents)
        {
            // First: whoever has the head may ask again at once.
            forward.LeavePlace();
        }

        await forward.RespondedAsync(http, facts);
        if (forward.IsWithheld)
        {
            context.SuppressResponseBody = true;
            return;
        }

        if (isOfEvents || (IsOfType(http.Response, "application/grpc") && !response.Headers.NonValidated.Contains("grpc-status")))
        {
            // (A head with a status is the whole answer, and must end in the same frame, or clients of gRPC take it for a broken one.)
            // A client may wait for the head before there is a first event, or before it sends its first message.
            await http.Response.Body.FlushAsync(context.CancellationToken);
        }

        if (!isOfEvents && forward.Timer is not null && response.StatusCode != HttpStatusCode.SwitchingProtocols)
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
}
