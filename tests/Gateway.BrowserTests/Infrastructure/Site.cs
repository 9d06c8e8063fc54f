using System.Net.Http.Json;
using System.Text.Json;
using BackendApi.Hosting;
using CacheGateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>An origin and a real gateway before it, both on loopback, with the demo's policies.</summary>
public sealed class Site : IAsyncDisposable
{
    private readonly WebApplication _backend;
    private readonly WebApplication _gateway;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false });
    private int _sent;

    private Site(WebApplication backend, WebApplication gateway)
    {
        _backend = backend;
        _gateway = gateway;
        Origin = new Uri(backend.Urls.First());
        Public = new Uri(gateway.Urls.First());
        Admin = new Uri(gateway.Urls.Last());
    }

    public Uri Origin { get; }

    public Uri Public { get; }

    public Uri Admin { get; }

    /// <summary>Requests sent through the gateway so far.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Before the example API itself, which takes a moment to fill.</summary>
    public static async Task<Site> StartWithBackendAsync()
    {
        var options = new BackendOptions("http://127.0.0.1:0", CostScale: 0.05);
        var backend = await BackendApp.BuildAsync(options);
        await BackendApp.ListenAsync(backend, options);
        return await StartAsync(backend, null, null);
    }

    /// <summary>Before an origin that answers everything alike.</summary>
    public static async Task<Site> StartAsync(Func<GatewaySettings, GatewaySettings>? settings = null, Action<WebApplicationBuilder>? configure = null) =>
        await StartAsync(await PlainOrigin.StartAsync(), settings, configure);

    /// <summary>Before an origin of the test's own, which ends with the site.</summary>
    public static async Task<Site> StartAsync(WebApplication backend, Func<GatewaySettings, GatewaySettings>? settings, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var given = new GatewaySettings
        {
            Origin = backend.Urls.First(),
            Urls = ["http://127.0.0.1:0"],
            AdminUrls = ["http://127.0.0.1:0"],
            PoliciesFile = Path.Combine(Repository.Root, "config", "policies.json"),
            Node = "node-a",
        };
        var gateway = GatewayApplication.Create(settings is null ? given : settings(given), builder =>
        {
            builder.Logging.ClearProviders();
            configure?.Invoke(builder);
        });
        await gateway.StartAsync();
        return new Site(backend, gateway);
    }

    /// <summary>A GET through the gateway; the status must be a success unless it is said otherwise.</summary>
    public async Task<HttpResponseMessage> GetAsync(string target, bool mustSucceed = true)
    {
        Interlocked.Increment(ref _sent);
        var response = await _http.GetAsync(new Uri(Public.ToString().TrimEnd('/') + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        return mustSucceed ? response.EnsureSuccessStatusCode() : response;
    }

    /// <summary>Any request through the gateway.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Interlocked.Increment(ref _sent);
        request.RequestUri = new Uri(Public, request.RequestUri!);
        return _http.SendAsync(request);
    }

    /// <summary>Traffic whose hits are known: each address <paramref name="times"/> times, one after another.</summary>
    public async Task DriveAsync(IEnumerable<string> targets, int times)
    {
        foreach (var target in targets)
        {
            for (var i = 0; i < times; i++)
            {
                using var response = await GetAsync(target);
            }
        }
    }

    /// <summary>A request to the admin listener as a program would send it.</summary>
    public Task<HttpResponseMessage> AdminAsync(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.RequestUri = new Uri(Admin, request.RequestUri!);
        return _http.SendAsync(request);
    }

    public Task<JsonElement> ApiAsync(string path) => _http.GetFromJsonAsync<JsonElement>(new Uri(Admin, path));

    /// <summary>Requests that the origin saw, by its own count.</summary>
    public async Task<long> OriginRequestsAsync() =>
        (await _http.GetFromJsonAsync<JsonElement>(new Uri(Origin, "/stats"))).GetProperty("requests").GetInt64();

    /// <summary>Waits until the gateway has counted every request that was sent: an answer is out a moment before it is counted.</summary>
    public async Task CountedAsync()
    {
        var end = Environment.TickCount64 + 20_000;
        while ((await ApiAsync("/api/v2/cache/metrics")).GetProperty("total").GetProperty("requests").GetInt64() < Sent)
        {
            Assert.True(Environment.TickCount64 < end, "The gateway did not count all requests within 20 s.");
            // Between two looks at another process, which tells nobody when it is there.
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _gateway.DisposeAsync();
        await _backend.DisposeAsync();
    }
}
