namespace Fence;

/// <summary>An API whose every answer is another: <c>/x/TAG</c> counts its requests and carries the tag.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private Backend(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public static async Task<Backend> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var backend = new Backend(builder.Build());
        backend._app.MapGet("/x/{tag}", (HttpContext context, string tag) =>
        {
            context.Response.Headers.CacheControl = "max-age=3600";
            context.Response.Headers["Cache-Tag"] = tag;
            return Interlocked.Increment(ref backend._requests).ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
        await backend._app.StartAsync();
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
