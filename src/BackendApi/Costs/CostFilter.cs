using System.Globalization;

namespace BackendApi.Costs;

/// <summary>
/// Makes an endpoint take as long as its cost says. The handler runs first, so an answer is as old as a slow query's would be:
/// made from the data as it was when the query began.
/// </summary>
internal sealed class CostFilter(Func<HttpRequest, string> nameOf) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        var meter = http.RequestServices.GetRequiredService<QueryMeter>();
        var name = nameOf(http.Request);
        var start = time.GetTimestamp();
        var delay = TimeSpan.Zero;
        try
        {
            var result = await next(context);
            if (meter.Queries > 0)
            {
                // A request that was refused before it reached the data costs nothing.
                var target = http.RequestServices.GetRequiredService<CostTable>().TargetFor(name);
                delay = CostTable.Rest(target, time.GetElapsedTime(start));
                await DelayAsync(delay, time, http.RequestAborted);
            }

            http.Response.Headers["Server-Timing"] = ServerTiming(meter.Elapsed, meter.Queries, delay);
            return result;
        }
        finally
        {
            http.RequestServices.GetRequiredService<EndpointStats>().Record(name, meter.Queries, meter.Elapsed, delay);
        }
    }

    public static string ServerTiming(TimeSpan database, int queries, TimeSpan delay) => string.Create(
        CultureInfo.InvariantCulture,
        $"db;dur={database.TotalMilliseconds:0.###};desc=\"{queries} queries\", delay;dur={delay.TotalMilliseconds:0.###}");

    /// <summary>The rest of the cost: a slow query is played by waiting, by the clock that tests move.</summary>
    private static Task DelayAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellation) =>
        delay > TimeSpan.Zero ? Task.Delay(delay, time, cancellation) : Task.CompletedTask;
}
