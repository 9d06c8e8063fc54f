namespace CacheGateway.Pipeline;

/// <summary>Stands behind <see cref="HitMiddleware"/>: what that does not answer goes on in the thread pool.</summary>
internal sealed class EventThreadMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => EventThread.IsCurrent ? LeaveAsync(context) : next(context);

    private async Task LeaveAsync(HttpContext context)
    {
        await EventThread.Leave();
        await next(context);
    }
}
