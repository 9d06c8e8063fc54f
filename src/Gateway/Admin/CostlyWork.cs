using System.Threading.RateLimiting;

namespace CacheGateway.Admin;

/// <summary>
/// Bounds how much of what looks through the whole memory runs at once: whoever asks for much of it waits in line, and is refused beyond that. The
/// processors are there for those who are served.
/// </summary>
internal sealed class CostlyWork(RequestDelegate next) : IDisposable
{
    /// <summary>Side by side.</summary>
    public const int MostRunning = 2;

    /// <summary>In line behind them.</summary>
    public const int MostWaiting = 16;

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = MostRunning, QueueLimit = MostWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CostlyMark>() is null)
        {
            await next(context);
            return;
        }

        using var lease = await _limiter.AcquireAsync(1, context.RequestAborted);
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        context.Response.Headers.RetryAfter = "1";
        await Problem.WriteAsync(
            context, StatusCodes.Status503ServiceUnavailable, "Too much is asked for at once", $"{MostRunning} requests that look through the memory run and {MostWaiting} wait: ask again in a second");
    }

    public void Dispose() => _limiter.Dispose();
}

/// <summary>Marks an endpoint whose answer costs a look through all that is stored.</summary>
internal sealed class CostlyMark
{
    public static readonly CostlyMark Here = new();
}
