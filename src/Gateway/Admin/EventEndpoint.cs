using System.Text.Json;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Admin;

/// <summary>
/// <c>POST /api/v2/cache/events</c>: what happened in the backend (<c>{"event":"category.saved","data":{"id":7}}</c>) becomes an invalidation by
/// the event map of the policies.
/// </summary>
internal sealed class EventEndpoint(IPolicySource policies, Invalidator invalidator)
{
    private const int MaxBody = 64 * 1024;

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

        JsonDocument body;
        try
        {
            body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 16 }, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not JSON", exception.Message);
            return;
        }
        catch (BadHttpRequestException exception)
        {
            await Problem.WriteAsync(context, exception.StatusCode, "The body could not be read", exception.Message);
            return;
        }

        using (body)
        {
            await RaiseAsync(context, body.RootElement);
        }
    }

    private async Task RaiseAsync(HttpContext context, JsonElement body)
    {
        if (JsonText.Member(body, "event") is not { } named || JsonText.Of(named) is not { } name)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Not an event", "Send {\"event\":\"NAME\",\"data\":{...}}");
            return;
        }

        var raised = policies.Current.Events.TagsFor(name, JsonText.Member(body, "data") ?? default);
        if (!raised.Known)
        {
            await Problem.WriteAsync(context, StatusCodes.Status404NotFound, "No rule of the policies names this event", name);
            return;
        }

        if (raised.Unfilled.Count > 0 || raised.Tags.Count == 0)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The event's data leaves tags unfilled", string.Join(", ", raised.Unfilled));
            return;
        }

        var order = new InvalidationOrder
        {
            Id = Invalidator.NewId(),
            Scope = new InvalidationScope { Tags = [.. raised.Tags] },
            Source = InvalidationSource.Event,
            Wait = InvalidationWait.All,
        };
        var receipt = await invalidator.RaiseAsync(order, context.RequestAborted);
        context.Response.StatusCode = receipt.IsComplete ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(receipt, JsonSerializerOptions.Web, context.RequestAborted);
    }
}

/// <summary>The wire form of <c>POST /api/v2/cache/events</c>, as the description of the API shows it.</summary>
/// <param name="Event">A name that the policies' event map knows.</param>
/// <param name="Data">What fills the placeholders of its rule.</param>
internal sealed record EventRequest(string Event, JsonElement? Data);
