using CacheGateway.Invalidation;
using CacheGateway.Operations;

namespace CacheGateway.Admin;

/// <summary><c>POST /api/v2/cache/invalidate</c>: strict JSON in, a receipt out.</summary>
internal sealed class InvalidateEndpoint(Invalidator invalidator, InvalidationPreview preview, InvalidationWarnings warnings, InvalidateOptions options, CostlyPlaces places)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (await StrictJson.ReadAsync<InvalidateRequest>(context) is not { } body)
        {
            return;
        }

        if (Error(body) is { } error)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The invalidation is not valid", error);
            return;
        }

        var scope = body.Scope;
        if (body.DryRun)
        {
            using var place = await places.TakeAsync(context);
            if (place is not null)
            {
                await context.Response.WriteAsJsonAsync(preview.Of(scope) with { Warnings = warnings.Of(scope) }, StrictJson.Options, context.RequestAborted);
            }

            return;
        }

        if (options.ConfirmAbove > 0 && !body.Confirm && await places.InTurnAsync(() => preview.Of(scope), context.RequestAborted) is var hit && hit.Count > options.ConfirmAbove * hit.Entries)
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status409Conflict, "This needs \"confirm\": true", $"It names {hit.Count} of {hit.Entries} entries of this node");
            return;
        }

        var order = new InvalidationOrder
        {
            Id = Invalidator.NewId(),
            Scope = scope,
            Source = InvalidationSource.Admin,
            Wait = body.Wait switch { "none" => InvalidationWait.None, "local" => InvalidationWait.Local, _ => InvalidationWait.All },
            Timeout = TimeSpan.FromMilliseconds(body.TimeoutMs ?? 2000),
            Reason = body.Reason ?? "",
            Who = context.Connection.RemoteIpAddress?.ToString() ?? "",
        };

        // Before it is raised, while what is stored is there to be looked at.
        var doubtful = warnings.Of(scope);
        var receipt = await invalidator.RaiseAsync(order, context.RequestAborted) with { Warnings = doubtful };
        context.Response.StatusCode = receipt.IsComplete ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(receipt, StrictJson.Options, context.RequestAborted);
    }

    private static string? Error(InvalidateRequest body) =>
        body.Match is not (null or "any" or "all") ? $"match is \"{body.Match}\"; it must be any or all"
        : body is { Match: "all", Tags: null or [] } ? "match says how tags are meant; name some"
        : ScopeRules.Error(body.Scope)
        ?? (body.Wait is not (null or "none" or "local" or "all") ? $"wait is \"{body.Wait}\"; it must be none, local or all"
            : body.TimeoutMs is null or (> 0 and <= 60_000) ? null : "timeoutMs must be 1 to 60000");
}
