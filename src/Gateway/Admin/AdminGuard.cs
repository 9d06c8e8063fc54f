using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Admin;

/// <summary>
/// Stands before everything on the admin listener: a Host that is its own (against DNS rebinding), no request of another site (a browser of the
/// operator is inside the wall), the token or a session, bodies within limits. Probes need none of it but cannot do anything. That changes come as JSON is
/// seen to by <see cref="RequestShape"/>.
/// </summary>
internal sealed class AdminGuard(RequestDelegate next, AdminAccess access)
{
    /// <summary>Where a browser without a session is sent, and what it may reach without one.</summary>
    public const string LoginPath = "/login";

    /// <summary>Style and icon of the sign-in page: the same files for everybody, and nothing in them.</summary>
    private const string AssetPath = "/assets";

    /// <summary>What carries, through the sign-in, where somebody was going: a path of this listener with its query.</summary>
    public const string ReturnName = "to";

    private const long MaxBody = 1024 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBody;
        }

        if (request.Path.Value is "/healthz" or "/readyz")
        {
            return next(context);
        }

        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var isApi = request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);
        if (!access.IsOwnHost(request))
        {
            return Problem.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, "This host is not the admin listener's", "Name it with --admin-hosts, or call it by its IP address or as localhost");
        }

        if (IsOfAnotherSite(request) && !(isRead && !isApi && IsFollowedLink(request)))
        {
            return Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "Requests of other sites are refused");
        }

        if (!access.IsOpenTo(request) && request.Path.Value != LoginPath && !(isRead && request.Path.StartsWithSegments(AssetPath, StringComparison.Ordinal)))
        {
            if (isRead && !isApi && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            {
                response.Redirect(WayThrough(request));
                return Task.CompletedTask;
            }

            response.Headers.WWWAuthenticate = "Bearer realm=\"cachegateway\"";
            return Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, "This needs the admin token", "Send Authorization: Bearer TOKEN");
        }

        if (isRead)
        {
            return next(context);
        }

        // A form of another site cannot send this header; what the API takes is looked at by RequestShape, which knows the endpoint.
        return !isApi && request.Headers.Origin.Count == 0
            ? Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "A form must be sent by a page of this listener")
            : next(context);
    }

    /// <summary>The sign-in, and back from there to what was asked for; nothing is carried to the first page, where one comes anyway.</summary>
    private static string WayThrough(HttpRequest request) => request.Path == "/" && !request.QueryString.HasValue
        ? LoginPath
        : $"{LoginPath}?{ReturnName}={Uri.EscapeDataString(request.Path.ToUriComponent() + request.QueryString.ToUriComponent())}";

    /// <summary>Somebody goes to a page by a link that stands elsewhere: it opens in a window of its own (frames are forbidden), where the other site can neither read nor send anything.</summary>
    private static bool IsFollowedLink(HttpRequest request) =>
        request.Headers["Sec-Fetch-Mode"].ToString() == "navigate" && request.Headers["Sec-Fetch-Dest"].ToString() == "document" && request.Headers.Origin.Count == 0;

    /// <summary>
    /// No page can write Sec-Fetch-Site (Fetch Metadata): what the browser says there is so, also where TLS ended before this listener and the page's scheme is another than the connection's.
    /// Browsers leave it out without TLS on other machines, where the page's own address must do.
    /// </summary>
    private static bool IsOfAnotherSite(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" => false,
        "" or "none" => request.Headers.Origin is { Count: > 0 } origin && !string.Equals(origin.ToString(), $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase),
        _ => true,
    };
}
