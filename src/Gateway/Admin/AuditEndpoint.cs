using CacheGateway.Invalidation;

namespace CacheGateway.Admin;

/// <summary><c>GET /api/v2/cache/audit</c>: who invalidated what, when and why, the newest first.</summary>
internal static class AuditEndpoint
{
    private const int LongestPlace = 64;

    public static async Task HandleAsync(HttpContext context, IInvalidationAudit audit, int? limit, string? before)
    {
        if (before is not null && (before.Length > LongestPlace || !before.All(c => char.IsAsciiDigit(c) || c == '-')))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "before is the place of an entry", "Take it from the last entry of the page before");
            return;
        }

        if (await audit.ReadAsync(AdminEndpoints.Limit(limit, 50), before) is not { } entries)
        {
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Redis, where the audit is kept, does not answer now");
            return;
        }

        await context.Response.WriteAsJsonAsync(new { entries, next = entries.Count > 0 ? entries[^1].Place : null }, context.RequestAborted);
    }
}
