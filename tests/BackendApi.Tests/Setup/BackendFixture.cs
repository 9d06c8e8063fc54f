using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BackendApi.Hosting;
using Microsoft.AspNetCore.Builder;

namespace BackendApi.Tests.Setup;

/// <summary>A backend on a port of its own, reached over loopback. Its costs are off.</summary>
public abstract class BackendFixture : IAsyncLifetime
{
    private WebApplication? _app;
    private HttpClient? _client;

    public HttpClient Client => _client ?? throw new InvalidOperationException("The backend is not running.");

    /// <summary>Why this kind of store cannot be tested here, if so.</summary>
    public virtual string? SkipReason => null;

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is null)
        {
            var options = new BackendOptions("http://127.0.0.1:0", await DatabaseAsync(), CostScale: 0);
            _app = await BackendApp.BuildAsync(options);
            await BackendApp.ListenAsync(_app, options);
            _client = ClientOf(_app);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    public static HttpClient ClientOf(WebApplication app) =>
        new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(app.Urls.First()) };

    /// <summary>Reads JSON, whatever the status.</summary>
    public async Task<JsonElement> GetAsync(string path, string? authorization = null, string? cookie = null) =>
        (await SendAsync(HttpMethod.Get, path, null, authorization, cookie)).Body;

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, string? authorization = null, string? cookie = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body is string text ? new StringContent(text, Encoding.UTF8, "application/json") : JsonContent.Create(body);
        }

        if (authorization is not null)
        {
            request.Headers.Add("Authorization", authorization);
        }

        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        var response = await Client.SendAsync(request);
        var content = await response.Content.ReadAsStringAsync();
        return new Answer(response, content.Length > 0 ? JsonDocument.Parse(content).RootElement : default);
    }

    protected virtual Task<string?> DatabaseAsync() => Task.FromResult<string?>(null);
}

public sealed record Answer(HttpResponseMessage Response, JsonElement Body)
{
    public int Status => (int)Response.StatusCode;

    public string? ContentType => Response.Content.Headers.ContentType?.MediaType;
}

public sealed class MemoryBackend : BackendFixture;

/// <summary>A backend on a new, empty database of the server.</summary>
public sealed class PostgresBackend(PostgresServer server) : BackendFixture
{
    private string? _database;

    public override string? SkipReason => server.SkipReason;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
        {
            await server.DropDatabaseAsync(_database);
        }
    }

    protected override async Task<string?> DatabaseAsync() => _database = await server.CreateDatabaseAsync();
}

/// <summary>Tests that run the same on both kinds of store.</summary>
public abstract class BackendTests
{
    protected BackendTests(BackendFixture backend)
    {
        Assert.SkipWhen(backend.SkipReason is not null, backend.SkipReason ?? "");
        Backend = backend;
    }

    protected BackendFixture Backend { get; }
}
