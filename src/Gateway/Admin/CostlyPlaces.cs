using System.Threading.RateLimiting;

namespace CacheGateway.Admin;

/// <summary>Places for what looks through the whole memory: so many side by side, so many in line. The processors are there for those who are served.</summary>
internal sealed class CostlyPlaces : IDisposable
{
    /// <summary>Side by side.</summary>
    public const int MostRunning = 2;

    /// <summary>In line behind them.</summary>
    public const int MostWaiting = 16;

    private readonly SemaphoreSlim _changing = new(1);
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = MostRunning, QueueLimit = MostWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>A place, once there is one; null where it was refused, which is answered then.</summary>
    public async ValueTask<IDisposable?> TakeAsync(HttpContext context)
    {
        var lease = await _limiter.AcquireAsync(1, context.RequestAborted);
        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        context.Response.Headers.RetryAfter = "1";
        await Problem.WriteAsync(
            context, StatusCodes.Status503ServiceUnavailable, "Too much is asked for at once", $"{MostRunning} requests that look through the memory run and {MostWaiting} wait: ask again in a second");
        return null;
    }

    /// <summary>Waits for as long as it takes: of what changes something, none is refused because others look.</summary>
    public async ValueTask<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        try
        {
            return work();
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose()
    {
        _limiter.Dispose();
        _changing.Dispose();
    }
}
