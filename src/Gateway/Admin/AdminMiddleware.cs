using CacheGateway.Diagnostics;
using CacheGateway.Invalidation;

namespace CacheGateway.Admin;

/// <summary>Everything on the admin listener; nothing of it exists on a public one, and nothing public exists here.</summary>
internal sealed class AdminMiddleware(InvalidateEndpoint invalidate, EventEndpoint events, MetricsText metrics, IInvalidationBus bus, DrainState drain)
{
    public AdminMiddleware(RequestDelegate next, InvalidateEndpoint invalidate, EventEndpoint events, MetricsText metrics, IInvalidationBus bus, DrainState drain)
        : this(invalidate, events, metrics, bus, drain) => _ = next;

    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var request = context.Request;
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return request.Path.Value switch
        {
            "/readyz" when isRead && drain.IsDraining => Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "This gateway is going away"),
            "/healthz" or "/readyz" when isRead => context.Response.WriteAsync(Health(), context.RequestAborted),
            "/metrics" when isRead => metrics.WriteAsync(context),
            "/api/v2/cache/invalidate" when HttpMethods.IsPost(request.Method) => invalidate.HandleAsync(context),
            "/api/v2/cache/events" when HttpMethods.IsPost(request.Method) => events.HandleAsync(context),
            "/healthz" or "/readyz" or "/metrics" => Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Use GET"),
            "/api/v2/cache/invalidate" or "/api/v2/cache/events" => Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Use POST"),
            _ => Problem.WriteAsync(context, StatusCodes.Status404NotFound, "There is nothing at this path of the admin address"),
        };
    }

    /// <summary>A gateway that is cut off from Redis still serves: that is a warning and no failure.</summary>
    private string Health() => string.Concat(bus.Warnings.Select(warning => $"warning: {warning}\n").Prepend("ok\n"));
}
