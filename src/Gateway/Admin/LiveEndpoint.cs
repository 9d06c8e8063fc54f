using System.Text.Json;
using CacheGateway.Operations;

namespace CacheGateway.Admin;

/// <summary><c>GET /api/v2/cache/events</c>: what happens, as server-sent events, until the client leaves, its session is over or the gateway ends.</summary>
internal sealed class LiveEndpoint(LiveFeed feed, AdminAccess access, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>A comment this often tells proxies and clients that the stream lives.</summary>
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(15);

    public async Task HandleAsync(HttpContext context)
    {
        using var subscription = feed.Subscribe();
        if (subscription is null)
        {
            context.Response.Headers.RetryAfter = "30";
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "There are too many listeners already");
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        try
        {
            await WriteAsync(context, ": listening\n\n", ending.Token);
            while (access.IsOpenTo(context.Request))
            {
                await SendAsync(context, subscription, ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client left, or the gateway ends.
        }
    }

    private async Task SendAsync(HttpContext context, LiveSubscription subscription, CancellationToken ending)
    {
        using var pulse = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var waiting = subscription.Events.WaitToReadAsync(pulse.Token).AsTask();
        // Nothing happened for so long: a sign of life is due.
        if (await Task.WhenAny(waiting, Task.Delay(Pulse, time, pulse.Token)) != waiting)
        {
            await pulse.CancelAsync();
            ending.ThrowIfCancellationRequested();
            await WriteAsync(context, ": still here\n\n", ending);
            return;
        }

        await pulse.CancelAsync();
        ending.ThrowIfCancellationRequested();
        while (access.IsOpenTo(context.Request) && subscription.Events.TryRead(out var happened))
        {
            await WriteAsync(context, $"id: {happened.Number}\nevent: {happened.Kind}\ndata: {JsonSerializer.Serialize(happened, JsonSerializerOptions.Web)}\n\n", ending);
        }
    }

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken ending)
    {
        await context.Response.WriteAsync(text, ending);
        await context.Response.Body.FlushAsync(ending);
    }
}
