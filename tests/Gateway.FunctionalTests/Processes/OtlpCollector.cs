using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>Takes what is sent by OTLP over HTTP and keeps it. Names stand in the protobuf bytes as they are.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OtlpPost> _posts = new();

    private OtlpCollector(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public IReadOnlyCollection<OtlpPost> Posts => _posts;

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Until what came to a path held all of these names, in one post or in several.</summary>
    public Task UntilAsync(string path, params string[] names) => Deadline.Until(
        () => Task.FromResult(names.All(name => _posts.Any(post => post.Path == path && post.Text.Contains(name, StringComparison.Ordinal)))),
        $"{path} to get {string.Join(", ", names)}");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _posts.Enqueue(new OtlpPost($"{context.Request.Path}", context.Request.ContentType, context.Request.Headers["x-team"].ToString(), Encoding.Latin1.GetString(body.ToArray())));
        context.Response.ContentType = "application/x-protobuf";
    }
}

/// <param name="Path">Which signal.</param>
/// <param name="ContentType">As it was sent.</param>
/// <param name="Team">The field x-team; "" where there is none.</param>
/// <param name="Text">The bytes as Latin-1.</param>
internal sealed record OtlpPost(string Path, string? ContentType, string Team, string Text);
