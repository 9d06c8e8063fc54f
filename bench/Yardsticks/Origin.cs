using System.Globalization;

namespace Yardsticks;

/// <summary>The API behind every proxy. It keeps the number of requests it saw under <c>/requests</c>; <c>?delay=MS</c> makes an answer slow.</summary>
internal static class Origin
{
    private static long _requests;

    public static WebApplication Create(string url)
    {
        var app = BareServer.Builder(url).Build();
        app.Run(AnswerAsync);
        return app;
    }

    public static void AddFields(HttpResponse response, Resource resource)
    {
        var headers = response.Headers;
        headers.ContentType = resource.ContentType;
        headers.CacheControl = resource.IsStorable ? "max-age=3600" : "no-store";
        if (resource.IsStorable)
        {
            headers.ETag = "\"5f3c-61a8\"";
        }

        if (resource.Kind == 'h')
        {
            for (var i = 0; i < 20; i++)
            {
                headers[Extra[i]] = "value of a field";
            }
        }

        response.ContentLength = resource.Size;
    }

    private static readonly string[] Extra = [.. Enumerable.Range(0, 20).Select(i => $"X-Field-{i.ToString(CultureInfo.InvariantCulture)}")];

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/requests")
        {
            await context.Response.WriteAsync(Interlocked.Read(ref _requests).ToString(CultureInfo.InvariantCulture));
            return;
        }

        if (Resource.Of(context.Request.Path.Value!) is not { } resource)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        Interlocked.Increment(ref _requests);
        if (context.Request.QueryString.HasValue && int.TryParse(context.Request.Query["delay"], CultureInfo.InvariantCulture, out var delay))
        {
            await Task.Delay(delay, context.RequestAborted);
        }

        AddFields(context.Response, resource);
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(resource.Body);
        }
    }
}
