using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>An origin that answers every path at once with a little JSON, and tells how often it was asked as the example API does.</summary>
internal static class PlainOrigin
{
    public static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var requests = 0;
        app.Run(context =>
        {
            if (context.Request.Path == "/stats")
            {
                return context.Response.WriteAsJsonAsync(new { requests = Volatile.Read(ref requests) });
            }

            Interlocked.Increment(ref requests);
            return context.Response.WriteAsJsonAsync(new { results = Array.Empty<int>() });
        });
        await app.StartAsync();
        return app;
    }
}
