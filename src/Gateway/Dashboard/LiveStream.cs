using System.Text;

namespace CacheGateway.Dashboard;

/// <summary>
/// A page again and again as server-sent events: the same HTML that a reload would give (<c>page</c>), that it is as it was sent last (<c>same</c>), or that it cannot be drawn (<c>failed</c>).
/// The script puts the parts marked as live into the page that is open, so there is one way to draw a number. It ends with the session that it was opened in.
/// </summary>
internal sealed class LiveStream(LiveDrawings drawings, DashboardDoor door, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    public async Task SendAsync(HttpContext context, PageRoute page)
    {
        if (drawings.Follow(context.Request) is not { } follower)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "30";
            return;
        }

        try
        {
            // A stream would hold up the end of the process until its own time limit.
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await SendUntilAsync(context, page, follower, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The window was closed, or the gateway ends.
        }
        finally
        {
            drawings.Leave(follower);
        }
    }

    private async Task SendUntilAsync(HttpContext context, PageRoute page, LiveFollower follower, CancellationToken ending)
    {
        PageHeaders.Add(context.Response.Headers);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.FlushAsync(ending);
        using var timer = new PeriodicTimer(Period, time);
        // The first is no older than the page that is open: whoever opens it may just have changed something.
        var oldest = TimeSpan.Zero;
        var sent = "";
        do
        {
            var html = await drawings.DrawAsync(context, page, follower, oldest, ending);
            await context.Response.Body.WriteAsync(html is null ? Event("failed", "") : html == sent ? Event("same", "") : Event("page", html), ending);
            await context.Response.Body.FlushAsync(ending);
            sent = html ?? sent;
            oldest = Period / 2;
        }
        while (await timer.WaitForNextTickAsync(ending) && door.IsOpenTo(context.Request));
    }

    /// <summary>With a line of data at the least: an event without any is none.</summary>
    private static byte[] Event(string name, string data)
    {
        var text = new StringBuilder($"event: {name}\n", data.Length + 256);
        foreach (var line in data.AsSpan().EnumerateLines())
        {
            text.Append("data: ").Append(line).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }
}
