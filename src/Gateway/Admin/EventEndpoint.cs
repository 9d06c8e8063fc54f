using System.Text.Json;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Events;
using CacheGateway.Policies;

namespace CacheGateway.Admin;

/// <summary>
/// <c>POST /api/v2/cache/events</c>: what happened in the backend (<c>{"event":"category.saved","data":{"id":7}}</c>) becomes an invalidation by
/// the event map of the policies, as by webhook and stream.
/// </summary>
internal sealed class EventEndpoint(EventScopes scopes, EventRelay relay, Invalidator invalidator)
{
    private const int MaxBody = 64 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        // Members that are not known are left alone, as in every event.
        if (await StrictJson.ReadAsync<JsonDocument>(context, maxBody: MaxBody) is not { } body)
        {
            return;
        }

        using (body)
        {
            if (EventMessage.Of(body.RootElement) is { } message)
            {
                var table = scopes.Table;
                var isHeard = await relay.PassOnAsync(body.RootElement.GetRawText(), table.EventRules, once: null);
                await RaiseAsync(context, message, table, isHeard);
            }
            else
            {
                await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Not an event", "Send {\"event\":\"NAME\",\"data\":{...}}");
            }
        }
    }

    private async Task RaiseAsync(HttpContext context, EventMessage message, CachePolicyTable table, bool isHeard)
    {
        if (!scopes.TryMap(table, message, out var scope, out var found))
        {
            context.Response.StatusCode = isHeard ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
            await (!found.Known ? Problem.WriteAsync(context, StatusCodes.Status404NotFound, "No rule of the policies names this event", message.Event)
                : found.Unfilled.Count > 0
                    ? Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The event's data leaves tags unfilled", string.Join(", ", found.Unfilled))
                    : context.Response.WriteAsJsonAsync(new { ignored = true }, context.RequestAborted));
            return;
        }

        var order = new InvalidationOrder
        {
            Id = Invalidator.NewId(),
            Scope = scope,
            Source = InvalidationSource.Event,
            Wait = InvalidationWait.All,
            Reason = message.Event,
            Who = context.Connection.RemoteIpAddress?.ToString() ?? "",
            // What is not done whole has not used up its id: its sender may correct it.
            Once = found.Unfilled.Count == 0 ? message.Once : null,
        };
        var receipt = await invalidator.RaiseAsync(order, context.RequestAborted) with { Unfilled = found.Unfilled.Count == 0 ? null : found.Unfilled };
        receipt = isHeard ? receipt : receipt.Unheard();
        context.Response.StatusCode = receipt.IsComplete ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(receipt, JsonSerializerOptions.Web, context.RequestAborted);
    }
}

/// <summary>The wire form of <c>POST /api/v2/cache/events</c>, as the description of the API shows it.</summary>
/// <param name="Event">A name that the policies' event map knows.</param>
/// <param name="Id">Names what happened: done once, whether it comes here or by the stream. May be missing.</param>
/// <param name="Data">What fills the placeholders of its rule.</param>
internal sealed record EventRequest(string Event, string? Id, JsonElement? Data);
