namespace CacheGateway.Pipeline;

/// <summary>
/// Stands behind <see cref="HitMiddleware"/>: what that does not answer goes on in the thread pool, but for reads without credentials and content, where
/// nothing but the shared tier and the origin is asked. To find their key and ask takes about as long as to answer a hit; what is answered is handled in the pool.
/// </summary>
internal sealed class EventThreadMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => !EventThread.IsCurrent || MayStay(context) ? next(context) : LeaveAsync(context);

    /// <summary>Credentials may have to be verified or hashed, and content comes when it comes.</summary>
    private static bool MayStay(HttpContext context) =>
        context.Request.Method is "GET" or "HEAD" && context.Request.Headers is { Authorization.Count: 0, Cookie.Count: 0 } headers && !RequestReader.HasCredentials(headers) && !RequestReader.HasContent(context);

    private async Task LeaveAsync(HttpContext context)
    {
        await Task.Yield();
        await next(context);
    }
}
