using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>An origin that speaks HTTP/2 with prior knowledge, and may give up a stream of it (RST_STREAM) at any place.</summary>
internal sealed class Http2Origin : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<Http2Exchange, Task>> _handlers = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Http2Exchange>> _asked = new();
    private readonly WebApplication _server;

    private Http2Origin()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public string Address => _server.Urls.First();

    public static async Task<Http2Origin> StartAsync()
    {
        var origin = new Http2Origin();
        await origin._server.StartAsync();
        return origin;
    }

    public void On(string path, Func<Http2Exchange, Task> handler) => _handlers[path] = handler;

    public int Requests(string path) => _asked.TryGetValue(path, out var asked) ? asked.Count : 0;

    /// <summary>Waits until a path was asked for, and gives the latest exchange.</summary>
    public async Task<Http2Exchange> ReachedAsync(string path)
    {
        await Deadline.Until(() => Task.FromResult(Requests(path) > 0), $"a request for {path} at the origin");
        return _asked[path].Last();
    }

    /// <summary>Connections on which anything was asked.</summary>
    public int Connections => _asked.Values.SelectMany(asked => asked).Select(exchange => exchange.Connection).Distinct().Count();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var asked = _asked.GetOrAdd(path, _ => new ConcurrentQueue<Http2Exchange>());
        var exchange = new Http2Exchange(context, asked.Count + 1);
        asked.Enqueue(exchange);
        await _handlers[path](exchange);
    }
}

/// <summary>One request at an <see cref="Http2Origin"/> and what it does about it.</summary>
/// <param name="context">The request.</param>
/// <param name="number">The n-th request for its path.</param>
internal sealed class Http2Exchange(HttpContext context, int number)
{
    private readonly Gate _gone = Gone(context);

    public int Number => number;

    public string Method => context.Request.Method;

    public string Connection { get; } = context.Connection.Id;

    /// <summary>The other side gave the stream up.</summary>
    public Task GoneAsync() => _gone.WaitAsync("the request is given up at the origin");

    /// <summary>Dates the answer by the clock of a test, not by the machine's.</summary>
    public void Date(DateTimeOffset now) => context.Response.Headers.Date = now.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The head, and a first piece of the body that is surely on its way when this returns.</summary>
    /// <param name="piece">The first piece.</param>
    /// <param name="cacheControl">The field's value.</param>
    /// <param name="length">Of the whole body, if it is to be announced.</param>
    public async Task BeginAsync(string piece, string cacheControl, long? length = null)
    {
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.ContentLength = length;
        await context.Response.WriteAsync(piece);
        await context.Response.Body.FlushAsync();
    }

    public Task SendAsync(string piece) => context.Response.WriteAsync(piece);

    /// <summary>The answer is whole, whatever becomes of the request.</summary>
    public Task EndAsync() => context.Response.CompleteAsync();

    /// <summary>The request to its end.</summary>
    public Task ReadAsync() => context.Request.Body.CopyToAsync(Stream.Null);

    /// <summary>A head alone. The stream ends with it when the handler does, and is given up (NO_ERROR) where the request's body was not read.</summary>
    public void Answer(int status, string cacheControl)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = cacheControl;
    }

    /// <summary>RST_STREAM with this error code.</summary>
    public void Reset(int code) => context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(code);

    private static Gate Gone(HttpContext context)
    {
        var gate = new Gate();
        context.RequestAborted.Register(gate.Open);
        return gate;
    }
}
