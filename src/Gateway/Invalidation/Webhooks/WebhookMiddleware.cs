using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CacheGateway.Diagnostics;
using CacheGateway.Invalidation.Events;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>
/// <c>POST</c> on the configured public path: signed messages of backends (Standard Webhooks). In this order: how much, when, by
/// whom, how often, and only then what: who signs nothing takes no turn of who does. The body is an event, or names what to invalidate as the admin API does.
/// </summary>
internal sealed class WebhookMiddleware
{
    private const int RetryAfterSeconds = 5;

    private readonly RequestDelegate _next;
    private readonly string _path;
    private readonly WebhookSignature _signature;
    private readonly SourceLimit _sources;
    private readonly EventScopes _scopes;
    private readonly EventRelay _relay;
    private readonly Invalidator _invalidator;
    private readonly IScopeDoubts _doubts;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public WebhookMiddleware(
        RequestDelegate next, WebhookOptions options, SourceLimit sources, EventScopes scopes, EventRelay relay, Invalidator invalidator, IScopeDoubts doubts,
        GatewayMetrics metrics, TimeProvider time, ILogger<WebhookMiddleware> logger)
    {
        _next = next;
        _path = options.Path;
        _signature = new WebhookSignature(options.Secrets.Select(WebhookSecret.TryParse).OfType<byte[]>());
        _sources = sources;
        _scopes = scopes;
        _relay = relay;
        _invalidator = invalidator;
        _doubts = doubts;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.Value == _path ? HandleAsync(context) : _next(context);

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "Use POST");
            return;
        }

        if (request.ContentLength > EventMessage.MaxBytes)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, "A webhook has at most 256 KiB");
            return;
        }

        var id = One(request.Headers["webhook-id"]);
        var timestamp = One(request.Headers["webhook-timestamp"]);
        var signatures = One(request.Headers["webhook-signature"]);
        if (!WebhookSignature.IsId(id) || timestamp is null || signatures is null)
        {
            await RefuseStrangerAsync(context, StatusCodes.Status400BadRequest, "webhook-id, webhook-timestamp and webhook-signature are needed, once each");
            return;
        }

        if (!WebhookSignature.IsTimely(timestamp, _time.GetUtcNow()))
        {
            await RefuseStrangerAsync(context, StatusCodes.Status401Unauthorized, "The timestamp is not within five minutes of now");
            return;
        }

        if (await BodyAsync(context) is not { } body)
        {
            return;
        }

        if (!_signature.IsSigned(id!, timestamp, body, signatures))
        {
            await RefuseStrangerAsync(context, StatusCodes.Status401Unauthorized, "No signature fits");
            return;
        }

        if (!_sources.TryTake(context.Connection.RemoteIpAddress, isSigned: true))
        {
            await RefuseAsManyAsync(context);
            return;
        }

        if (!EventMessage.TryParse(body, out JsonElement root, out var error))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The body cannot be used: {error}");
            return;
        }

        await RaiseAsync(context, id!, body, root);
    }

    private async Task RaiseAsync(HttpContext context, string id, byte[] body, JsonElement root)
    {
        // The same bytes sent again do nothing; other bytes say something else, whatever id they have: a message that its sender has corrected has that of before.
        var once = $"webhook:{id}:{Convert.ToHexStringLower(SHA256.HashData(body))}";
        InvalidationScope? scope;
        IReadOnlyList<string> unfilled = [];
        var isHeard = true;
        if (EventMessage.Of(root) is { } message)
        {
            if (WebhookScope.MemberBesideEvent(root) is { } member)
            {
                await RefuseAsync(
                    context, StatusCodes.Status400BadRequest, "The body names an event and a scope",
                    $"it names an event (event or type), and \"{member}\" beside it, which says what to invalidate; leave out one of them, or send two messages (what belongs to the event goes into data)");
                return;
            }

            var table = _scopes.Table;
            // A name of these bytes, as the id alone is not: others would take what was corrected for done.
            isHeard = await _relay.PassOnAsync(EventMessage.WithId(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(once)))), table.EventRules, once);
            var isMapped = _scopes.TryMap(table, message, out scope, out var found);
            unfilled = found.Unfilled;
            if (!isMapped)
            {
                if (unfilled.Count > 0)
                {
                    await TellUnfilledAsync(context, unfilled);
                    return;
                }

                // A sender that is told "no" for what does not concern caches would give up sending what does.
                _metrics.Webhook("ignored");
                context.Response.StatusCode = isHeard ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
                await context.Response.WriteAsJsonAsync(new { id, ignored = true }, context.RequestAborted);
                return;
            }
        }
        else if (!WebhookScope.TryRead(root, out scope, out var error))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "The body cannot be used", error);
            return;
        }

        var order = new InvalidationOrder
        {
            Id = Invalidator.NewId(),
            Scope = scope!,
            Source = InvalidationSource.Webhook,
            Wait = InvalidationWait.All,
            Reason = EventMessage.Of(root)?.Event ?? "",
            Who = context.Connection.RemoteIpAddress?.ToString() ?? "",
            Once = once,
        };
        // Before it is raised, while what is stored is there to be looked at.
        var doubtful = _doubts.Of(order.Scope);
        var receipt = await _invalidator.RaiseAsync(order, context.RequestAborted) with { Unfilled = unfilled.Count == 0 ? null : unfilled, Warnings = doubtful };
        receipt = isHeard ? receipt : receipt.Unheard();
        _metrics.Webhook(unfilled.Count > 0 && receipt.Durable ? "unfilled" : receipt.IsRepeated ? "repeated" : receipt.Durable ? "raised" : "not-durable");
        if (!receipt.Durable)
        {
            // Applied here, but others may never learn of it: the sender is the only one that can make it sure.
            context.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
        }

        context.Response.StatusCode = !receipt.Durable ? StatusCodes.Status503ServiceUnavailable
            : receipt.IsComplete ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(receipt, JsonSerializerOptions.Web, context.RequestAborted);
    }

    /// <summary>Nothing could be filled in: the sender is the only one that can, and learns it from nothing else.</summary>
    private Task TellUnfilledAsync(HttpContext context, IReadOnlyList<string> unfilled)
    {
        const int Status = StatusCodes.Status422UnprocessableEntity;
        _metrics.Webhook("unfilled");
        context.Response.StatusCode = Status;
        var problem = new
        {
            type = "about:blank",
            title = "The event's data leaves tags unfilled",
            status = Status,
            detail = $"{string.Join(", ", unfilled)}: nothing was invalidated; correct the data and send it again",
            unfilled,
        };
        return context.Response.WriteAsJsonAsync(problem, JsonSerializerOptions.Web, "application/problem+json", context.RequestAborted);
    }

    private static string? One(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 1 ? values[0] : null;

    /// <summary>Null when it was answered already.</summary>
    private async Task<byte[]?> BodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = EventMessage.MaxBytes;
        }

        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(context, exception.StatusCode, "The body could not be read");
            return null;
        }
    }

    /// <summary>Of whom nothing shows that it may send any.</summary>
    private Task RefuseStrangerAsync(HttpContext context, int status, string title) =>
        _sources.TryTake(context.Connection.RemoteIpAddress, isSigned: false) ? RefuseAsync(context, status, title) : RefuseAsManyAsync(context);

    private Task RefuseAsManyAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many webhooks from this source");
    }

    /// <param name="context">Of the request.</param>
    /// <param name="status">The answer's.</param>
    /// <param name="title">What is wrong; it is logged.</param>
    /// <param name="detail">For the sender alone: it may hold what the sender wrote.</param>
    private Task RefuseAsync(HttpContext context, int status, string title, string? detail = null)
    {
        _metrics.Webhook("refused");
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            _logger.WebhookRefused(title);
        }

        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { type = "about:blank", title, status, detail }, options: null, "application/problem+json", context.RequestAborted);
    }
}
