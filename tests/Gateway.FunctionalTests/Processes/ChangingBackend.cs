using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>
/// A backend whose data changes: <c>/k/N</c> is the number of the last change of N, read when the request comes and sent a little later, so that
/// changes fall into answers under way. Whoever has the number in a validator is told that nothing changed.
/// </summary>
internal sealed class ChangingBackend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly int[] _versions;
    private long _requests;

    private ChangingBackend(WebApplication app, int[] versions)
    {
        _app = app;
        _versions = versions;
    }

    public string Address => _app.Urls.Single();

    public int Keys => _versions.Length;

    public long Requests => Interlocked.Read(ref _requests);

    public static async Task<ChangingBackend> StartAsync(int keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var backend = new ChangingBackend(builder.Build(), new int[keys]);
        backend._app.MapGet("/k/{key:int}", backend.AnswerAsync);
        await backend._app.StartAsync();
        return backend;
    }

    /// <summary>Gives the number of the change.</summary>
    public int Change(int key) => Interlocked.Increment(ref _versions[key]);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, int key)
    {
        Interlocked.Increment(ref _requests);
        var version = Volatile.Read(ref _versions[key]).ToString(CultureInfo.InvariantCulture);
        if (Random.Shared.Next(3) == 0)
        {
            await Task.Delay(Random.Shared.Next(1, 20));
        }

        var response = context.Response;
        response.Headers.CacheControl = "max-age=3600";
        response.Headers["Cache-Tag"] = $"k{key}";
        response.Headers.ETag = $"\"{version}\"";
        if (context.Request.Headers.IfNoneMatch == response.Headers.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await response.WriteAsync(version);
    }
}
