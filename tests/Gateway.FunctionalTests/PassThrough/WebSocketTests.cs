using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Invalidation;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>An upgrade becomes a pipe in both directions.</summary>
public sealed class WebSocketTests
{
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task WebSocket_OneMebibyteEachWay_Echoes()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("GET", "/ws", EchoAsync);
        using var client = new ClientWebSocket();
        await Deadline.Within(client.ConnectAsync(new Uri($"ws://{env.Address.Authority}/ws"), CancellationToken.None), "the upgrade");
        var content = RandomNumberGenerator.GetBytes(Mebibyte);

        var sending = client.SendAsync(content, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        var received = await Deadline.Within(ReceiveAsync(client), "the echo");
        await sending;

        Assert.Equal(content, received);
        Assert.Equal("Upgrade", env.Origin.Last("/ws").Header("Connection"), ignoreCase: true);
    }

    [Fact]
    [Covers("RFC 8441 5", "A WebSocket over HTTP/2 reaches an origin that speaks HTTP/1.1")]
    public async Task WebSocketOverHttp2_Echoes()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { H2cUrls = ["http://127.0.0.1:0"] } });
        env.Origin.On("GET", "/ws", EchoAsync);
        var raised = 0;
        env.Services.GetRequiredService<Invalidator>().Applied += (_, _) => Interlocked.Increment(ref raised);
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = System.Net.HttpVersion.Version20;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        await Deadline.Within(client.ConnectAsync(new Uri($"ws://{env.Addresses[1].Authority}/ws"), invoker, CancellationToken.None), "the upgrade");
        var content = RandomNumberGenerator.GetBytes(Mebibyte);

        var sending = client.SendAsync(content, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        var received = await Deadline.Within(ReceiveAsync(client), "the echo");
        await sending;

        Assert.Equal(content, received);
        // As over HTTP/1.1, it is no write.
        client.Abort();
        await env.UntilMetric("cachegateway_requests_total{policy=\"transparent\",outcome=\"pass\",level=\"origin\",reason=\"request-upgrade\"}", count => count == 1);
        Assert.Equal(0, raised);
    }

    /// <summary>Which fields of a client reach the origin is not the client's to choose, by no version of HTTP.</summary>
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task WebSocket_GoesByTheRulesOfItsPolicy(string version)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = PolicyText.Of("\"dropRequestHeaders\": [\"X-Remote-User\"]"),
            Settings = settings => settings with { H2cUrls = ["http://127.0.0.1:0"] },
        });
        env.Origin.On("GET", "/ws", EchoAsync);
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = Version.Parse(version);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        foreach (var name in (string[])["X-Remote-User", "X-Original-URL", "X-Own"])
        {
            client.Options.SetRequestHeader(name, "/admin");
        }

        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        await Deadline.Within(client.ConnectAsync(new Uri($"ws://{env.Addresses[version == "1.1" ? 0 : 1].Authority}/ws"), invoker, CancellationToken.None), "the upgrade");
        await client.SendAsync(new byte[1], WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        await Deadline.Within(ReceiveAsync(client), "the echo");

        var seen = env.Origin.Last("/ws");
        Assert.Equal((false, false, true), (seen.Has("X-Remote-User"), seen.Has("X-Original-URL"), seen.Has("X-Own")));
    }

    [Fact]
    public async Task Upgrade_ThatOriginRefuses_IsAnsweredAsUsual()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/ws", Reply.Of(403, "no"));
        await using var client = await env.ConnectAsync();

        var response = await client.GetAsync("/ws", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

        Assert.Equal((403, "no"), (response.Status, response.Text));
    }

    // The origin's side of the handshake (RFC 6455 4.2.2) by hand, then the framework's frames.
    private static async Task EchoAsync(OriginExchange exchange)
    {
        var key = exchange.Request.Header("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
#pragma warning disable CA5350 // RFC 6455 asks for SHA-1; nothing is secured by it.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key)));
#pragma warning restore CA5350
        await exchange.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
        using var socket = WebSocket.CreateFromStream(exchange.Stream, isServer: true, subProtocol: null, Timeout.InfiniteTimeSpan);
        var received = await ReceiveAsync(socket);
        await socket.SendAsync(received, WebSocketMessageType.Binary, endOfMessage: true, exchange.Stopping);
    }

    private static async Task<byte[]> ReceiveAsync(WebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, CancellationToken.None);
            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }
}
