using CacheGateway.Operations;

namespace CacheGateway.Admin;

/// <summary><c>GET /api/v2/cache/audit</c>: who invalidated what, when and why, the newest first.</summary>
internal static class AuditEndpoint
{
    public static async Task HandleAsync(HttpContext context, AuditView audit, int? limit, string? before)
    {
        before = before is "" ? null : before;
        if (before is not null && !AuditView.IsPlace(before))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "before is the place of an entry", "Take it from the last entry of the page before");
            return;
        }

        if (await audit.ReadAsync(AdminEndpoints.Limit(limit, 50), before) is not { } page)
        {
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Redis, where the audit is kept, does not answer now");
            return;
        }

        await context.Response.WriteAsJsonAsync(page, context.RequestAborted);
    }
}
