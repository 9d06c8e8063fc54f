namespace CacheGateway.Admin;

/// <summary>Problem details (RFC 9457) of the admin API.</summary>
internal static class Problem
{
    public static Task WriteAsync(HttpContext context, int status, string title, string? detail = null)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { type = "about:blank", title, status, detail }, options: null, "application/problem+json", context.RequestAborted);
    }
}
