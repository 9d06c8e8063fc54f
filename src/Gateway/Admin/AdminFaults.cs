using CacheGateway.Diagnostics;

namespace CacheGateway.Admin;

/// <summary>What goes wrong behind it on the admin listener is told as a problem, and the log says what it was: a client that sends what nobody expects must not write a stack for each try.</summary>
internal sealed class AdminFaults(RequestDelegate next, TimeProvider time, ILogger<AdminFaults> logger)
{
    private readonly Pace _told = new(time);

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            var status = exception switch
            {
                BadHttpRequestException bad => bad.StatusCode,
                InvalidDataException => StatusCodes.Status400BadRequest,
                _ => StatusCodes.Status500InternalServerError,
            };
            if (status == StatusCodes.Status500InternalServerError && _told.TryTell(out var untold))
            {
                logger.AdminFailed(exception, context.Request.Method, context.Request.Path.Value ?? "", untold);
            }

            context.Response.ContentLength = null;
            await Problem.WriteAsync(context, status, status < 500 ? "The request is not valid" : "This went wrong in the gateway", status < 500 ? exception.Message : "Its log says what it was");
        }
    }
}
