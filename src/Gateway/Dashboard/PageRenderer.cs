using System.Text;
using CacheGateway.Dashboard.Pages;
using CacheGateway.Diagnostics;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace CacheGateway.Dashboard;

/// <summary>
/// Draws a page as HTML, whole before the first byte is sent: a page that fails becomes one that says so. Nothing of it stays on the server.
/// </summary>
internal sealed class PageRenderer(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<PageRenderer>();

    public async Task SendAsync(HttpContext context, PageRoute page, int status = StatusCodes.Status200OK, IFormCollection? form = null, string? error = null)
    {
        context.RequestServices.GetRequiredService<PageRequest>().Set(context, page, form, error);
        var (html, isDrawn) = await DrawAsync(context.RequestServices, page);
        PageHeaders.Add(context.Response.Headers);
        context.Response.StatusCode = isDrawn ? status : StatusCodes.Status500InternalServerError;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        var body = Encoding.UTF8.GetBytes(html);
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>The page's HTML as it stands now, or where it cannot be drawn the HTML of one that says so.</summary>
    /// <param name="services">Those of a request, which its <see cref="PageRequest"/> describes.</param>
    /// <param name="page">Which one.</param>
    public async Task<(string Html, bool IsDrawn)> DrawAsync(IServiceProvider services, PageRoute page)
    {
        try
        {
            return (await RenderAsync(services, page.Component), true);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The page is for people who look for faults: one of its own must not hide the others.
            _logger.PageFailed(exception, page.Path);
            return (await RenderAsync(services, typeof(FailedPage)), false);
        }
    }

    private async Task<string> RenderAsync(IServiceProvider services, Type component)
    {
        await using var renderer = new HtmlRenderer(services, loggers);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync(component, ParameterView.Empty);
            return root.ToHtmlString();
        });
    }
}
