using CacheGateway.Http;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace CacheGateway.Pipeline;

/// <summary>Reads what the pure rules need from a server request.</summary>
internal static class RequestReader
{
    public static RequestFacts Read(HttpRequest request) => ReadPlain(request.Method, request.Headers) with
    {
        HasCookie = request.Headers.Cookie.Count > 0 && ForwardedFields.CookieOf(request.HttpContext) is not null,
        Credentials = Credentials(request.Headers),
    };

    /// <summary>The same of a request of which it is known that no other field says who asks (<see cref="Shortcuts.IsPlain"/>).</summary>
    public static RequestFacts ReadPlain(string method, IHeaderDictionary headers) =>
        new()
        {
            IsHead = method == "HEAD",
            Directives = RequestDirectives.Parse(Joined(headers.CacheControl), Joined(headers.Pragma)),
            HasAuthorization = headers.Authorization.Count > 0,
            HasCookie = headers.Cookie.Count > 0,
            IfNoneMatch = Joined(headers.IfNoneMatch),
            IfModifiedSince = Joined(headers.IfModifiedSince),
            IfMatch = Joined(headers.IfMatch),
            IfUnmodifiedSince = Joined(headers.IfUnmodifiedSince),
            IfRange = Joined(headers.IfRange),
            // RFC 9110 14.2: a Range means something on GET only.
            Range = method == "GET" ? Joined(headers.Range) : null,
        };

    /// <summary>Whether the client says who it is in a field that is neither Authorization nor Cookie.</summary>
    public static bool HasCredentials(IHeaderDictionary headers)
    {
        if (headers.Count == Usual(headers))
        {
            // No other field: their names need not be looked for, one by one, in every request.
            return false;
        }

        foreach (var (name, _) in headers)
        {
            if (CredentialFields.Are(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many fields there are of those that programs send mostly, which the server has at hand.</summary>
    private static int Usual(IHeaderDictionary headers) =>
        One(headers.Host) + One(headers.UserAgent) + One(headers.Accept) + One(headers.AcceptEncoding) + One(headers.AcceptLanguage) + One(headers.Connection)
        + One(headers.CacheControl) + One(headers.IfNoneMatch) + One(headers.IfModifiedSince) + One(headers.Range);

    private static int One(StringValues field) => field.Count > 0 ? 1 : 0;

    /// <summary>The names of those fields, in an order of their own.</summary>
    public static string[] Credentials(IHeaderDictionary headers)
    {
        if (headers.Count == Usual(headers))
        {
            return [];
        }

        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (CredentialFields.Are(name))
            {
                (found ??= []).Add(name);
            }
        }

        found?.Sort(StringComparer.OrdinalIgnoreCase);
        return found is null ? [] : [.. found];
    }

    /// <summary>The client says only-if-cached.</summary>
    public static bool WantsStoredOnly(HttpRequest request) =>
        request.Headers.CacheControl is { Count: > 0 } control && RequestDirectives.Parse(Joined(control), null).OnlyIfCached;

    /// <summary>
    /// Why a safe request can be known beforehand not to end in a stored response; null when it can. <see cref="Reason.RequestHasContent"/>: a
    /// body that an origin may read makes the answer depend on something that is not keyed.
    /// </summary>
    public static Reason? PassReason(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsConnect(request.Method))
        {
            return Reason.RequestUpgrade;
        }

        if (request.Headers.Connection.Count > 0 && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && !LongLived.IsHttp2Offered(request.Headers))
        {
            return Reason.RequestUpgrade;
        }

        if (HasContent(context))
        {
            return Reason.RequestHasContent;
        }

        return IsEventStream(request.Headers) ? Reason.EventStream : null;
    }

    /// <summary>The client waits for events: an answer without an end.</summary>
    public static bool IsEventStream(IHeaderDictionary headers) =>
        headers.Accept is { Count: > 0 } accept && Joined(accept)!.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether there may be a body.</summary>
    public static bool HasContent(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } || context.Request.ContentLength > 0;

    private static string? Joined(StringValues values) => values.Count switch
    {
        0 => null,
        1 => values[0],
        _ => string.Join(", ", values.ToArray()),
    };
}
