using CacheGateway.Diagnostics;
using CacheGateway.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Refuses, before anything is routed or looked up, what no honest client sends: a Host that is none or not served here (RFC 9110 7.4),
/// a fragment or control characters in the target.
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, ServedHosts hosts, DrainState drain)
{
    private readonly HashSet<string> _hosts = new(hosts.Names, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
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

        var authority = RequestTarget.NormaliseAuthority(context.Request.Host.Value, context.Request.Scheme);
        if (authority is null && !HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "The Host header is not a host name");
        }

        if (_hosts.Count > 0 && (authority is null || (!_hosts.Contains(authority) && !_hosts.Contains(HostOf(authority)))))
        {
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "This host is not served here");
        }

        return next(context);
    }

    private static string HostOf(string authority)
    {
        var colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') ? authority[..colon] : authority;
    }

    /// <summary>Closes the connection behind the answer: what follows a request that is refused may not be what it seems.</summary>
    private static Task RefuseAsync(HttpContext context, int status, string title)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        return context.Response.WriteAsync($$"""{"type":"about:blank","title":"{{title}}","status":{{status}}}""", context.RequestAborted);
    }
}

/// <summary>The host names that are served (<c>--hosts</c>); empty = all.</summary>
internal sealed record ServedHosts(IReadOnlyList<string> Names);
