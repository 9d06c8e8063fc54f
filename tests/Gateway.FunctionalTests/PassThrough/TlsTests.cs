using System.Net;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>A TLS listener from the server's own configuration, beside the plain ones.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestCertificate _certificate = new();

    [Fact]
    public async Task Tls_WithAlpn_SpeaksHttp2AndCaches()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/t", request => Reply.Ok(request.Header("X-Forwarded-Proto")!, "Cache-Control: max-age=60"));
        using var client = TlsClient();

        using var first = await client.SendAsync(Request(env, HttpVersion.Version20));
        using var second = await client.SendAsync(Request(env, HttpVersion.Version20));

        Assert.Equal(HttpVersion.Version20, second.Version);
        Assert.Equal("https", await first.Content.ReadAsStringAsync());
        Assert.Equal("https", await second.Content.ReadAsStringAsync());
        Assert.Equal(1, env.Origin.Requests("/t"));
    }

    [Fact]
    public async Task Tls_Http11Client_IsAnsweredOnTheSamePort()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/t", Reply.Ok("ok"));
        using var client = TlsClient();

        using var response = await client.SendAsync(Request(env, HttpVersion.Version11));

        Assert.Equal((HttpVersion.Version11, HttpStatusCode.OK), (response.Version, response.StatusCode));
    }

    [Fact]
    [Attack("A25", "Schemes, hosts and routes that share a key")]
    [Covers("RFC 9111 4", "the scheme is part of the target URI that is the key")]
    public async Task Schemes_OfTheSameAuthority_AreStoredApart()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/t", request => Reply.Ok(request.Header("X-Forwarded-Proto")!, "Cache-Control: max-age=60"));
        using var client = TlsClient();

        using var secure = await client.SendAsync(Request(env, HttpVersion.Version11, "shop.example"));
        var plain = await env.GetAsync("/t", "Host: shop.example");

        Assert.Equal("https", await secure.Content.ReadAsStringAsync());
        Assert.Equal("http", plain.Text);
        Assert.Equal(2, env.Origin.Requests("/t"));
    }

    public void Dispose() => _certificate.Dispose();

    private Task<GatewayEnvironment> StartAsync() => GatewayEnvironment.StartAsync(new EnvironmentOptions
    {
        Settings = settings => settings with { Urls = [.. settings.Urls, "https://127.0.0.1:0"] },
        Configure = _certificate.Configure,
    });

    private static HttpRequestMessage Request(GatewayEnvironment env, Version version, string? host = null) =>
        new(HttpMethod.Get, new Uri(env.Addresses[1], "/t"))
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Host = host },
        };

    private static HttpClient TlsClient() => new(new SocketsHttpHandler { SslOptions = TestCertificate.Trusting() });
}
