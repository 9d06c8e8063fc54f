using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheGateway.Soak;

/// <summary>The backend: answers with bodies that say what they are, and fails as it is told to.</summary>
internal sealed class SoakOrigin : IAsyncDisposable
{
    private readonly Resources _resources;
    private readonly Random _random;
    private readonly WebApplication _app;
    private long _requests;
    private long _faults;

    private SoakOrigin(Resources resources, int seed)
    {
        _resources = resources;
        _random = new Random(seed);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Run(AnswerAsync);
    }

    public string Address => _app.Urls.Single();

    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Answers that were made to fail.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Share of answers that fail: cut, reset, stalled for a moment, 503.</summary>
    public double Failing { get; set; }

    /// <summary>Every answer comes so late; slow is not ill.</summary>
    public TimeSpan Delay { get; set; }

    public static async Task<SoakOrigin> StartAsync(Resources resources, int seed)
    {
        var origin = new SoakOrigin(resources, seed);
        await origin._app.StartAsync();
        return origin;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (_resources.Find(context.Request.Path.Value ?? "") is not { } resource)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsync(resource.Change().ToString(System.Globalization.CultureInfo.InvariantCulture));
            return;
        }

        var user = resource.Kind == "u" ? context.Request.Headers.Authorization.ToString() : "-";
        var variant = resource.Kind == "v" ? context.Request.Headers["X-Variant"].ToString() : "-";
        // Read before anything else: what changes while this answer is made is newer than it.
        var body = new Body(resource.Path, variant, user.Length > 0 ? user : "nobody", resource.Version, resource.Length);
        await Task.Delay(Delay, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await SendAsync(context, resource, body);
    }

    private async Task SendAsync(HttpContext context, Resource resource, Body body)
    {
        var response = context.Response;
        var fault = NextFault();
        if (fault == 1)
        {
            context.Abort();
            return;
        }

        if (fault == 2)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await response.WriteAsync("503");
            return;
        }

        response.Headers.ETag = $"\"{body.Version}-{body.Variant}-{Math.Abs(body.User.GetHashCode(StringComparison.Ordinal))}\"";
        response.Headers.CacheControl = resource.Kind == "n" ? "no-store" : "max-age=20";
        if (resource.Kind == "v")
        {
            response.Headers.Vary = "X-Variant";
        }

        if (context.Request.Headers.IfNoneMatch == response.Headers.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var bytes = body.ToBytes();
        response.ContentLength = resource.Length % 3 == 0 ? null : bytes.Length;
        if (fault is 3 or 4)
        {
            await response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await response.Body.FlushAsync();
            if (fault == 3)
            {
                context.Abort();
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(2), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await response.Body.WriteAsync(bytes.AsMemory(bytes.Length / 2));
            return;
        }

        await response.Body.WriteAsync(bytes);
    }

    /// <summary>0 none, 1 reset, 2 status 503, 3 cut in the middle, 4 a moment of silence in the middle.</summary>
    private int NextFault()
    {
        lock (_random)
        {
            if (_random.NextDouble() >= Failing)
            {
                return 0;
            }

            _faults++;
            return _random.Next(1, 5);
        }
    }
}
