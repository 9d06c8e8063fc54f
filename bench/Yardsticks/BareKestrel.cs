namespace Yardsticks;

/// <summary>The least a server on Kestrel can do for a hit: the same fields and bytes as the gateway's answer, from an array.</summary>
internal static class BareKestrel
{
    public static WebApplication Create(string url)
    {
        var app = BareServer.Builder(url).Build();
        app.Run(AnswerAsync);
        return app;
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        if (Resource.Of(context.Request.Path.Value!) is not { } resource)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        Origin.AddFields(response, resource);
        response.Headers.Age = "17";
        response.Headers["Cache-Status"] = "CacheGateway; hit; ttl=3583; detail=fresh";
        if (context.Request.Headers.IfNoneMatch.Count > 0)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            response.ContentLength = null;
            return Task.CompletedTask;
        }

        var written = response.BodyWriter.WriteAsync(resource.Body);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }
}
