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
        string html;
        try
        {
            html = await RenderAsync(context.RequestServices, page.Component);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The page is for people who look for faults: one of its own must not hide the others.
            _logger.PageFailed(exception, page.Path);
            html = await RenderAsync(context.RequestServices, typeof(FailedPage));
            status = StatusCodes.Status500InternalServerError;
        }

        PageHeaders.Add(context.Response.Headers);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        var body = Encoding.UTF8.GetBytes(html);
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>The page's HTML as it stands now.</summary>
    public async Task<string> RenderAsync(IServiceProvider services, Type component)
    {
        await using var renderer = new HtmlRenderer(services, loggers);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync(component, ParameterView.Empty);
            return root.ToHtmlString();
        });
    }
}
