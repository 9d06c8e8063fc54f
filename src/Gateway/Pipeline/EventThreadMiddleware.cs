using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// Stands behind <see cref="HitMiddleware"/>: what that does not answer goes on in the thread pool, but for reads without credentials and content, where
/// nothing but the origin is asked. To find their key and ask it takes about as long as to answer a hit; what the origin says is handled in the pool.
/// </summary>
internal sealed class EventThreadMiddleware(RequestDelegate next, TieredStore store)
{
    public Task InvokeAsync(HttpContext context) => !EventThread.IsCurrent || MayStay(context) ? next(context) : LeaveAsync(context);

    /// <summary>
    /// Credentials may have to be verified or hashed, content comes when it comes, and where there is a shared tier, those who ask it in one moment share a read:
    /// they come together in the pool.
    /// </summary>
    private bool MayStay(HttpContext context) =>
        !store.IsShared && context.Request.Method is "GET" or "HEAD" && context.Request.Headers is { Authorization.Count: 0, Cookie.Count: 0 } && !RequestReader.HasContent(context);

    private async Task LeaveAsync(HttpContext context)
    {
        await Task.Yield();
        await next(context);
    }
}
