using System.Globalization;
using CacheGateway.Diagnostics;
using CacheGateway.Framing;
using CacheGateway.Http;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Refuses, before anything is routed or looked up, what no honest client sends: a Host that is none or not served here (RFC 9110 7.4),
/// a fragment or control characters in the target, an expectation that nobody can meet, TRACE. What the parser does not keep was judged on its
/// bytes before (<see cref="FramingFeature"/>).
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, ServedHosts hosts, DrainState drain)
{
    private static readonly HashSet<string> OfHttp1 = new(
        [HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TransferEncoding, HeaderNames.Upgrade], StringComparer.OrdinalIgnoreCase);

    /// <summary>Stands for a reason where a method is refused (<see cref="IsRefused"/>).</summary>
    public const string MethodRefused = "method-refused";

    /// <summary>Stands for a reason where a write is (<see cref="WriteScope.IsTooMuch"/>).</summary>
    public const string WriteRefused = "write-refused";

    /// <summary>RFC 9110 15.5.6: what goes through here, whatever the origin makes of it.</summary>
    private const string Allowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    public Task InvokeAsync(HttpContext context)
    {
        if (!FramingFeature.IsRequest(context.Features))
        {
            return RefuseMisplacedAsync(context);
        }

        if (drain.IsDraining)
        {
            drain.Request();
            if (HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                // The client's next request goes to another gateway, instead of into a connection that is just being closed.
                context.Response.Headers.Connection = "close";
            }
        }

        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (raw.Contains('#', StringComparison.Ordinal))
        {
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "The request target must not have a fragment");
        }

        if (raw.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            // HTTP/2 brings any byte to here; a space would end the target where it is written as HTTP/1.1.
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "The request target has characters that no target has");
        }

        if (!raw.StartsWith('/') && RequestTarget.OriginForm(raw) is { } target)
        {
            if (RoutePath.Of(target) is not { } path)
            {
                return RefuseAsync(context, StatusCodes.Status400BadRequest, "The request target has characters that no target has");
            }

            context.Request.Path = path;
        }

        if (context.Request.Method is not ("GET" or "HEAD") && RefuseMethodAsync(context) is { } refused)
        {
            return refused;
        }

        var expect = context.Request.Headers.Expect;
        if (expect.Count > 0 && !(expect.Count == 1 && string.Equals(expect[0], "100-continue", StringComparison.OrdinalIgnoreCase)))
        {
            return RefuseAsync(context, StatusCodes.Status417ExpectationFailed, "Only 100-continue can be expected");
        }

        if (!HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpProtocol.IsHttp10(context.Request.Protocol) && HasForeignField(context.Request.Headers))
        {
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "A field belongs to HTTP/1.1, or its name or value is none");
        }

        if (context.Request.Headers.Host.Count == 0 && RequestTarget.AuthorityOf(raw) is { } named)
        {
            // RFC 9112 3.2.2: an absolute target says whom it is for, where HTTP/1.0 needs no Host.
            context.Request.Headers.Host = named;
        }

        // The field as it came: Request.Host decodes internationalised names.
        var authority = RequestTarget.NormaliseAuthority(context.Request.Headers.Host, context.Request.Scheme);
        if (authority is null ? context.Request.Headers.Host.Count > 0 || !HttpProtocol.IsHttp10(context.Request.Protocol) : IsFalseName(authority) || !HostName.IsWritable(context.Request.Headers.Host!))
        {
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "The Host header is not a host name");
        }

        if (!hosts.Serve(authority))
        {
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "This host is not served here");
        }

        if (context.Request.Headers.Connection is { Count: > 0 } connection)
        {
            NominatedFields.Drop(context.Request.Headers, connection);
            FramingFeature.Watch(context.Features);
        }

        OwnCookies.Drop(context.Request.Headers);
        return next(context);
    }

    /// <summary>RFC 9113 8.2: what is malformed in HTTP/2 and would mean something, or something else, in HTTP/1.1. The server looks at some of it only.</summary>
    private static bool HasForeignField(IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
        {
            if (!Tokens.IsToken(name) || OfHttp1.Contains(name) || !AreValues(values))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What stands around a value in HTTP/1.1 is taken off by whoever reads it, and would hide here what it begins with (RFC 9113 8.2.1).</summary>
    private static bool AreValues(StringValues values)
    {
        foreach (var value in values)
        {
            if (!Tokens.IsFieldValue(value) || value is [' ' or '\t', ..] or [.., ' ' or '\t'])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An internationalised name that stands for no name: what decodes it on the way (routing, the forwarder) would fail.</summary>
    internal static bool IsFalseName(string authority)
    {
        if (!authority.Contains("xn--", StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            _ = HostString.FromUriComponent(authority);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    /// <summary>Methods are case-sensitive (RFC 9110 9.1), and the forwarder would turn "gET" into GET behind the cache's back.</summary>
    internal static bool IsAsWritten(string method) => HttpMethods.GetCanonicalizedValue(method).Equals(method, StringComparison.Ordinal);

    /// <summary>Whether a request of this method goes no further, over HTTP/1.1.</summary>
    internal static bool IsRefused(string method) => method is "TRACE" or "TRACK" or "CONNECT";

    /// <summary>
    /// TRACE would show what a client's request holds to scripts that must not see it; CONNECT asks for a tunnel, which is a forward proxy's work
    /// (over HTTP/2 it may be a WebSocket, RFC 8441). OPTIONS may be for this gateway itself (RFC 9110 7.6.2).
    /// </summary>
    private static Task? RefuseMethodAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsAsWritten(request.Method))
        {
            return RefuseAsync(context, StatusCodes.Status501NotImplemented, "There is no such method; write it in capitals");
        }

        if (request.Method is "TRACE" or "TRACK")
        {
            context.Response.Headers.Allow = Allowed;
            return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "TRACE is not answered here");
        }

        if (request.Method == "CONNECT" && context.Features.Get<IHttpExtendedConnectFeature>() is var connect)
        {
            if (connect is not { IsExtendedConnect: true })
            {
                context.Response.Headers.Allow = Allowed;
                return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "No tunnels are made here");
            }

            if (!string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase))
            {
                // RFC 9220 3, of what a server does not support.
                return RefuseAsync(context, StatusCodes.Status501NotImplemented, "Of the protocols that begin with CONNECT only websocket is passed on");
            }
        }

        return request.Method == "OPTIONS" ? Options(context) : null;
    }

    /// <summary>RFC 9110 9.3.7: what asks of the server and of no resource is answered here, as is what may go no further.</summary>
    private static Task? Options(HttpContext context)
    {
        var request = context.Request;
        var isOfServer = RequestTarget.IsOfServer(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (request.Headers.TryGetValue(HeaderNames.MaxForwards, out var lines))
        {
            if (lines is not [{ Length: > 0 } digits] || digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            {
                return RefuseAsync(context, StatusCodes.Status400BadRequest, "Max-Forwards is not a number");
            }

            // More than can be counted is more than there are gateways.
            var left = uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : uint.MaxValue;
            isOfServer |= left == 0;
            request.Headers[HeaderNames.MaxForwards] = (left - 1).ToString(CultureInfo.InvariantCulture);
        }

        return isOfServer ? AnswerForServerAsync(context) : null;
    }

    /// <summary>Content has no meaning here, but is read: what is no whole message is refused like every other.</summary>
    private static async Task AnswerForServerAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>What is asked so was never asked, whatever it is.</summary>
    public static Task RefuseMisplacedAsync(HttpContext context) => RefuseAsync(context, StatusCodes.Status400BadRequest, "The request does not stand where one can");

    /// <summary>Said behind routing (<see cref="RoutePath"/>).</summary>
    public static Task RefusePathAsync(HttpContext context) =>
        RefuseAsync(context, StatusCodes.Status400BadRequest, "The path could be read as another than its route was chosen by");

    /// <summary>Of a write whose query names more to invalidate than one may (<see cref="WriteScope.IsTooMuch"/>).</summary>
    public static Task RefuseRepeatedAsync(HttpContext context) =>
        RefuseAsync(context, StatusCodes.Status400BadRequest, $"A query parameter that says what this write invalidates has more than {TagExpansion.MaxTags} values");

    /// <summary>Closes the connection behind the answer: what follows a request that is refused may not be what it seems.</summary>
    private static Task RefuseAsync(HttpContext context, int status, string title)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        // RFC 9209 2.3: what this gateway's settings refuse, or its choice of methods, is denied; else a 4xx says that the request itself is wrong.
        context.Response.Headers["Proxy-Status"] = status is StatusCodes.Status421MisdirectedRequest or StatusCodes.Status501NotImplemented
            ? "CacheGateway; error=http_request_denied"
            : "CacheGateway; error=http_request_error";
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        return context.Response.WriteAsync($$"""{"type":"about:blank","title":"{{title}}","status":{{status}}}""", context.RequestAborted);
    }
}
