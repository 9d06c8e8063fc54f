using System.Text;

namespace CacheGateway.Dashboard;

/// <summary>
/// A page again and again as server-sent events: the same HTML that a reload would give, sent when it has changed. The script puts the parts
/// marked as live into the page that is open, so there is one way to draw a number. It ends with the session that it was opened in.
/// </summary>
internal sealed class LiveStream(PageRenderer pages, DashboardDoor door, TimeProvider time, IServiceScopeFactory scopes, IHostApplicationLifetime lifetime)
{
    /// <summary>More open windows than a team has; each costs a page per period.</summary>
    private const int MostStreams = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private int _open;

    public async Task SendAsync(HttpContext context, PageRoute page)
    {
        if (Interlocked.Increment(ref _open) > MostStreams)
        {
            Interlocked.Decrement(ref _open);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "30";
            return;
        }

        try
        {
            // A stream would hold up the end of the process until its own time limit.
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await SendUntilAsync(context, page, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The window was closed, or the gateway ends.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task SendUntilAsync(HttpContext context, PageRoute page, CancellationToken ending)
    {
        PageHeaders.Add(context.Response.Headers);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.FlushAsync(ending);
        using var timer = new PeriodicTimer(Period, time);
        var sent = "";
        do
        {
            var html = await RenderAsync(context, page);
            await context.Response.Body.WriteAsync(html == sent ? ": same\n\n"u8.ToArray() : Event(html), ending);
            await context.Response.Body.FlushAsync(ending);
            sent = html;
        }
        while (await timer.WaitForNextTickAsync(ending) && door.IsOpenTo(context.Request));
    }

    private async Task<string> RenderAsync(HttpContext context, PageRoute page)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<PageRequest>().Set(context, page);
        return (await pages.DrawAsync(scope.ServiceProvider, page)).Html;
    }

    private static byte[] Event(string html)
    {
        var text = new StringBuilder("event: page\n", html.Length + 256);
        foreach (var line in html.AsSpan().EnumerateLines())
        {
            text.Append("data: ").Append(line).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }
}
