using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Hosting;
using CacheGateway.Invalidation;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>What has no end by its nature takes no place among the requests under way, whatever becomes of caching.</summary>
public sealed class LongLivedTests
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    private const string Events = "Accept: application/json, text/event-stream";
    private const string EventsAlone = "Accept: text/event-stream";

    [Theory]
    [InlineData("GET", Upgrade)]
    [InlineData("GET", Events)]
    [InlineData("POST", EventsAlone)]
    public async Task CachingIsOn_TakesNoPlace(string method, string header) => await LeavesTheOnlyPlaceFreeAsync(new EnvironmentOptions { Settings = OnePlace }, method, header);

    [Theory]
    [InlineData("GET", Upgrade)]
    [InlineData("GET", Events)]
    [InlineData("POST", EventsAlone)]
    public async Task CachingIsOff_TakesNoPlace(string method, string header) =>
        await LeavesTheOnlyPlaceFreeAsync(new EnvironmentOptions { Settings = settings => OnePlace(settings) with { CacheEnabled = false } }, method, header);

    [Theory]
    [InlineData("GET", Upgrade)]
    [InlineData("GET", Events)]
    public async Task PoliciesAreOff_TakesNoPlace(string method, string header) =>
        await LeavesTheOnlyPlaceFreeAsync(new EnvironmentOptions { Settings = OnePlace, Policies = """{ "enabled": false, "policies": {} }""" }, method, header);

    [Theory]
    [InlineData("GET", Upgrade)]
    [InlineData("GET", Events)]
    public async Task PolicyIsOff_TakesNoPlace(string method, string header) =>
        await LeavesTheOnlyPlaceFreeAsync(new EnvironmentOptions { Settings = OnePlace, Policies = PolicyText.Of("\"enabled\": false") }, method, header);

    [Fact]
    public async Task EventsThatNobodyAskedFor_TakeNoPlaceFromTheirHeadOn() => await LeavesTheOnlyPlaceFreeAsync(new EnvironmentOptions { Settings = OnePlace }, "GET", "Accept: */*");

    /// <summary>Whoever has the head asks again at once: the place is free before anything is done with the head, however long that takes.</summary>
    [Fact]
    public async Task EventsThatNobodyAskedFor_TakeNoPlace_WhenTheirHeadIsOut()
    {
        var bus = new HeldBus();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = OnePlace, Configure = builder => builder.Services.AddSingleton<IInvalidationBus>(bus) });
        env.Origin.On("POST", "/endless", _ => Reply.Chunked(["begun", new Gate()], "Content-Type: text/event-stream"));
        env.Origin.Get("/x", Reply.Ok("x"));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("POST", "/endless", ["Accept: */*"], "{}");
        await bus.Asked.WaitAsync("the head, of which the raise comes first");

        Assert.Equal("x", (await env.GetAsync("/x")).Text);
        bus.Held.Open();
        await client.ReadHeadAsync();
    }

    [Theory]
    [InlineData(Events, "{}")]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", null)]
    public async Task WriteThatMayBeAnsweredByADocument_HasTheLimitsOfOne(string header, string? body)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { OriginTimeout = TimeSpan.FromSeconds(1), OriginIdleTimeout = TimeSpan.FromSeconds(1) },
        });
        env.Origin.On("POST", "/rpc", _ => Reply.Ok("late"));
        env.Origin.Hold("/rpc");

        Assert.Equal(504, (await env.SendAsync("POST", "/rpc", body, header)).Status);
    }

    /// <summary>More than all sockets between hold, and an origin that reads nothing of it.</summary>
    [Fact]
    [Fault("F-32", "An origin that stops reading a request that may be answered by events: 504 after the wait for a first byte")]
    public async Task ContentThatTheOriginDoesNotRead_IsGivenUp()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => OnePlace(settings) with { OriginTimeout = TimeSpan.FromSeconds(1), OriginIdleTimeout = TimeSpan.FromSeconds(1) },
            // What is answered after it may take its time.
            Policies = """{ "policies": { "all": { "ttl": "60s" }, "x": { "match": { "path": "/x" }, "ttl": "60s", "firstByteTimeout": "30s", "betweenBytesTimeout": "30s" } } }""",
        });
        env.Origin.On("POST", "/rpc", exchange => Task.Delay(Timeout.InfiniteTimeSpan, exchange.Stopping));
        env.Origin.Get("/x", Reply.Ok("x"));

        var answer = await Deadline.Within(env.SendAsync("POST", "/rpc", new string('x', 64 * 1024 * 1024), Events), "an end");

        Assert.Equal(504, answer.Status);
        Assert.Equal("x", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Fault("F-36", "A client takes its time inside a request that may be answered by events: that does not count as the origin's")]
    public async Task ContentThatItsClientSendsSlowly_IsNotGivenUp()
    {
        var limit = Deadline.Patience;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { OriginTimeout = limit, OriginIdleTimeout = limit },
        });
        env.Origin.On("POST", "/rpc", _ => Reply.Ok("both"));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("POST", "/rpc", [Events, "Content-Length: 2"]);
        await client.SendAsync("a");
        // Real time: the limit is measured by the system's clock.
        await Task.Delay(limit + TimeSpan.FromSeconds(0.5));
        await client.SendAsync("b");

        Assert.Equal("both", (await client.ReadAsync("POST")).Text);
    }

    /// <summary>As every request of some client libraries does where there is no TLS.</summary>
    [Fact]
    public async Task ReadThatOffersHttp2_IsStored()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        string[] offer = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];

        CacheAssert.Miss(await env.GetAsync("/x", offer));

        CacheAssert.Hit(await env.GetAsync("/x", offer));
        CacheAssert.Hit(await env.GetAsync("/x"));
        Assert.False(env.Origin.Last("/x").Has("Upgrade"));
    }

    [Fact]
    public async Task EventsForARequestWithContent_TakeNoPlace() => await LeavesTheOnlyPlaceFreeAsync(new EnvironmentOptions { Settings = OnePlace }, "GET", Events, "content");

    private static async Task LeavesTheOnlyPlaceFreeAsync(EnvironmentOptions options, string method, string header, string? body = null)
    {
        await using var env = await GatewayEnvironment.StartAsync(options);
        env.Origin.On(null, "/endless", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.SendAsync(exchange.Request.Header("Upgrade") is null
                ? "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                : "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            await Task.Delay(Timeout.InfiniteTimeSpan, exchange.Stopping);
        });
        env.Origin.Get("/x", Reply.Ok("x"));
        await using var client = await env.ConnectAsync();
        await client.SendAsync(method, "/endless", [header], body);
        await client.ReadHeadAsync();

        Assert.Equal("x", (await env.GetAsync("/x")).Text);
    }

    private sealed class HeldBus : IInvalidationBus
    {
        public Gate Asked { get; } = new();

        public Gate Held { get; } = new();

        public IReadOnlyList<string> Warnings => [];

        public async Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
        {
            Asked.Open();
            await Held.WaitAsync("the raise is let go");
            return new InvalidationReceipt(order.Id, 1, true, [], []);
        }
    }

    private static GatewaySettings OnePlace(GatewaySettings settings) => settings with { OriginRequests = 1 };
}
