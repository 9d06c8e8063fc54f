using CacheGateway.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>An origin behind TLS is asked for, and proves itself, by its own name: what clients write into Host decides nothing.</summary>
public sealed class HttpsOriginTests
{
    private const int Many = 30;

    [Fact]
    [Fault("F-30", "Clients that name hosts which an HTTPS origin has no certificate for: it is asked for by its own name, answers each, and is not taken for dead")]
    public async Task NameOfTheDestination_IsWhatCounts()
    {
        await using var origin = await SecureOrigin.StartAsync("localhost");
        await using var gateway = await StartAsync(origin, "localhost");

        for (var i = 0; i < Many; i++)
        {
            Assert.Equal((200, $"HTTP/1.1 h{i}.invalid"), await AskAsync(gateway, $"h{i}.invalid", i));
        }

        Assert.Equal(["localhost"], origin.Names.Distinct());
    }

    [Fact]
    public async Task HostOfTheConfiguration_IsTheName()
    {
        await using var origin = await SecureOrigin.StartAsync("shop.example");
        await using var gateway = await StartAsync(origin, "localhost", "--origin-host", "shop.example");

        Assert.Equal((200, "HTTP/1.1 shop.example"), await AskAsync(gateway, "other.example"));
        Assert.Equal((200, "HTTP/1.1 shop.example"), await AskAsync(gateway, "shop.example", 1));
        Assert.Equal(["shop.example"], origin.Names.Distinct());
    }

    /// <summary>Sites behind one address are told apart by that name; a certificate for the destination's own is as good.</summary>
    [Theory]
    [InlineData("shop.example")]
    [InlineData("localhost")]
    public async Task HostThatIsServed_IsTheName(string certificate)
    {
        await using var origin = await SecureOrigin.StartAsync(certificate);
        await using var gateway = await StartAsync(origin, "localhost", "--hosts", "shop.example:8443");

        Assert.Equal((200, "HTTP/1.1 shop.example:8443"), await AskAsync(gateway, "shop.example:8443"));
        Assert.Equal(["shop.example"], origin.Names.Distinct());
    }

    [Fact]
    public async Task CertificateForAnotherName_IsNotTaken()
    {
        await using var origin = await SecureOrigin.StartAsync("shop.example");
        await using var gateway = await StartAsync(origin, "localhost");

        Assert.Equal(502, (await AskAsync(gateway, "shop.example")).Status);
        Assert.Equal(["localhost"], origin.Names.Distinct());
        await Deadline.Until(() => Task.FromResult(gateway.Lines.Any(line => line.Contains("RemoteCertificateNameMismatch (as localhost)", StringComparison.Ordinal))), "the log says why");
    }

    /// <summary>An address has no name: that of the client is asked for, and where there is no certificate for it, it is this client's own fault.</summary>
    [Fact]
    [Fault("F-30", "An HTTPS origin by its address, and clients that name hosts which it has no certificate for: they alone get no answer")]
    public async Task DestinationByAddress_IsAskedForByTheClientsName_WhichSaysNothingOfIt()
    {
        await using var origin = await SecureOrigin.StartAsync("shop.example");
        await using var gateway = await StartAsync(origin, "127.0.0.1");
        for (var i = 0; i < Many; i++)
        {
            Assert.Equal(502, (await AskAsync(gateway, $"h{i}.invalid", i)).Status);
        }

        Assert.Equal((200, "HTTP/1.1 shop.example"), await AskAsync(gateway, "shop.example"));
    }

    [Fact]
    public async Task Http2_IsNegotiated()
    {
        await using var origin = await SecureOrigin.StartAsync("localhost");
        await using var gateway = await StartAsync(origin, "localhost", "--origin-http2", "true");

        Assert.Equal((200, "HTTP/2 h.example"), await AskAsync(gateway, "h.example"));
    }

    /// <summary>A connection of its own for each Host is how the client library has it; only that they stay is bounded.</summary>
    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    [Fault("F-30", "Clients that invent hosts, and an HTTPS origin that is asked by them: few of them leave an idle connection, those that are served keep theirs")]
    public async Task HostsThatClientsInvent_LeaveFewConnections(HttpProtocols protocols)
    {
        const int Invented = 200;
        await using var origin = await SecureOrigin.StartAsync("localhost", protocols);
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = _ => Behind(origin, """, "Transforms": [{ "RequestHeaderOriginalHost": "true" }]"""),
        });
        for (var i = 0; i < Invented; i++)
        {
            Assert.EndsWith($" h{i}.invalid", (await env.GetAsync($"/{i}", $"Host: h{i}.invalid")).Text, StringComparison.Ordinal);
        }

        // Where HTTP/2 turns out not to be spoken, the library may have opened a second one meanwhile.
        await Deadline.Until(() => Task.FromResult(origin.Open <= 2 * KeptHosts.Most), "the others are closed");

        var before = origin.Names.Count;
        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync($"/more/{i}", "Host: h0.invalid");
            await env.GetAsync($"/more/{i}", "Host: localhost");
        }

        Assert.InRange(origin.Names.Count, before, before + 4);
    }

    /// <summary>The proxy asks by HTTP/2 first, and by HTTP/1.1 where it hears that there is no other: not where there seems to be no TLS.</summary>
    [Fact]
    public async Task WebSocket_ToAnOriginWithoutHttp2_IsAskedForByHttp1()
    {
        await using var origin = await SecureOrigin.StartAsync("localhost", HttpProtocols.Http1);
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = _ => Behind(origin),
        });
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET /chat HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        var answer = await client.ReadAsync("GET");

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("HTTP/1.1", answer.Text, StringComparison.Ordinal);
    }

    private static string Behind(SecureOrigin origin, string members = "") => $$"""
        {
          "ReverseProxy": {
            "Routes": { "r": { "ClusterId": "c", "Match": { "Path": "/{**rest}" }{{members}} } },
            "Clusters": { "c": { "HttpClient": { "DangerousAcceptAnyServerCertificate": true }, "Destinations": { "d": { "Address": "https://localhost:{{origin.Port}}" } } } }
          }
        }
        """;

    private static Task<GatewayProcess> StartAsync(SecureOrigin origin, string host, params string[] options) =>
        GatewayProcess.StartAsync(new Uri($"https://{host}:{origin.Port}"), options, [("SSL_CERT_FILE", origin.TrustFile)]);

    private static async Task<(int Status, string Text)> AskAsync(GatewayProcess gateway, string host, int number = 0)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET", $"/{number}", [$"Host: {host}"]);
        var answer = await client.ReadAsync();
        return (answer.Status, answer.Status == 200 ? answer.Text : "");
    }
}
