using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Invalidation;
using CacheGateway.Operations;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Admin;

/// <summary><c>POST /api/v2/cache/invalidate</c>: strict JSON in, a receipt out.</summary>
internal sealed class InvalidateEndpoint(Invalidator invalidator, InvalidationPreview preview, InvalidateOptions options)
{
    private const int MaxBody = 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Send application/json");
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBody;
        }

        InvalidateRequest? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<InvalidateRequest>(context.Request.Body, Json, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not a valid invalidation", exception.Message);
            return;
        }
        catch (BadHttpRequestException exception)
        {
            await Problem.WriteAsync(context, exception.StatusCode, "The body could not be read", exception.Message);
            return;
        }

        if (body is null || Error(body) is { } error)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The invalidation is not valid", body is null ? "The body is null" : Error(body));
            return;
        }

        var scope = body.Scope;
        if (body.DryRun)
        {
            await context.Response.WriteAsJsonAsync(preview.Of(scope), Json, context.RequestAborted);
            return;
        }

        if (options.ConfirmAbove > 0 && !body.Confirm && preview.Of(scope) is var hit && hit.Count > options.ConfirmAbove * hit.Entries)
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
        var receipt = await invalidator.RaiseAsync(order, context.RequestAborted);
        context.Response.StatusCode = receipt.IsComplete ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(receipt, Json, context.RequestAborted);
    }

    private static string? Error(InvalidateRequest body) =>
        body.Match is not (null or "any" or "all") ? $"match is \"{body.Match}\"; it must be any or all"
        : body is { Match: "all", Tags: null or [] } ? "match says how tags are meant; name some"
        : ScopeRules.Error(body.Scope)
        ?? (body.Wait is not (null or "none" or "local" or "all") ? $"wait is \"{body.Wait}\"; it must be none, local or all"
            : body.TimeoutMs is null or (> 0 and <= 60_000) ? null : "timeoutMs must be 1 to 60000");
}
