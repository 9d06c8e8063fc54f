using StackExchange.Redis;

namespace Yardsticks;

/// <summary>The least a shared tier can cost: GET the body from Redis under the path, send it. A path that is not there is put there first.</summary>
internal static class BareRedis
{
    public static async Task<WebApplication> CreateAsync(string url, string server)
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(server);
        var database = redis.GetDatabase();
        var app = BareServer.Builder(url).Build();
        app.Run(context => AnswerAsync(context, database));
        return app;
    }

    private static async Task AnswerAsync(HttpContext context, IDatabase database)
    {
        var path = context.Request.Path.Value!;
        if (Resource.Of(path) is not { } resource)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        byte[]? body = await database.StringGetAsync("bench:" + path);
        if (body is null)
        {
            body = resource.Body;
            await database.StringSetAsync("bench:" + path, body);
        }

        Origin.AddFields(context.Response, resource);
        context.Response.Headers.Age = "17";
        context.Response.Headers["Cache-Status"] = "CacheGateway; hit; ttl=3583; detail=fresh";
        await context.Response.BodyWriter.WriteAsync(body);
    }
}
