using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>An API of every temper, which counts for itself what it was asked and what that cost it.</summary>
internal sealed class MixedOrigin
{
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private int _notModified;

    private MixedOrigin(WebApplication app) => App = app;

    public WebApplication App { get; }

    /// <summary>Reads by the first segment of their path; writes as "POST".</summary>
    public IReadOnlyDictionary<string, int> Requests => _requests;

    public int All => _requests.Values.Sum();

    public int NotModified => _notModified;

    /// <summary>What an answer of a kind costs.</summary>
    public static int QueriesOf(string kind) => kind.Length % 4;

    public static async Task<MixedOrigin> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var origin = new MixedOrigin(builder.Build());
        origin.App.Run(origin.AnswerAsync);
        await origin.App.StartAsync();
        return origin;
    }

    private Task AnswerAsync(HttpContext context)
    {
        var kind = HttpMethods.IsPost(context.Request.Method) ? HttpMethods.Post : context.Request.Path.Value!.Split('/')[1];
        var count = _requests.AddOrUpdate(kind, 1, (_, before) => before + 1);
        var response = context.Response;
        if (kind == HttpMethods.Post)
        {
            return response.WriteAsync("changed");
        }

        switch (kind)
        {
            case "pages":
                response.Headers.ETag = "\"page\"";
                break;
            case "news":
                response.Headers.ETag = "\"news\"";
                response.Headers.CacheControl = "max-age=1";
                if (context.Request.Headers.IfNoneMatch == "\"news\"")
                {
                    Interlocked.Increment(ref _notModified);
                    response.StatusCode = StatusCodes.Status304NotModified;
                    return Task.CompletedTask;
                }

                break;
            case "users":
                response.Headers.CacheControl = "private";
                break;
            case "broken" when count % 2 == 1:
                response.StatusCode = StatusCodes.Status500InternalServerError;
                return response.WriteAsync("out of order");
        }

        var queries = QueriesOf(kind);
        response.Headers["Server-Timing"] = $"db;dur=1;desc=\"{queries} queries\"";
        return response.WriteAsync(new string('x', 500 + (context.Request.Path.Value!.Length * 100)));
    }
}
