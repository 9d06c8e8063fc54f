using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using CacheGateway.Invalidation;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>What gRPC needs: HTTP/2 from end to end, both directions at once, trailers.</summary>
public sealed class GrpcTests
{
    private const int Piece = 16 * 1024;
    private const int Pieces = 64;

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc-web")]
    [InlineData("application/octet-stream")]
    public async Task BidirectionalStream_OneMebibyteEachWay_PassesPieceByPieceWithTrailers(string type)
    {
        await using var origin = await GrpcOrigin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true, H2cUrls = ["http://127.0.0.1:0"] },
        });
        using var client = new HttpClient();
        using var content = new DuplexContent();
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(env.Addresses[1], "/echo.Echo/Both"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.ParseAdd("trailers");

        var answering = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var upload = await content.OpenedAsync();
        if (type == "application/grpc")
        {
            // The head comes before the first message.
            await Deadline.Within(answering, "the response's headers before anything was sent");
        }

        var sent = RandomNumberGenerator.GetBytes(Piece);
        await upload.WriteAsync(sent);
        await upload.FlushAsync();
        using var response = await Deadline.Within(answering, "the response's headers while the request is open");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var download = await response.Content.ReadAsStreamAsync();
        var echoed = new byte[Piece];
        for (var i = 0; i < Pieces; i++)
        {
            await Deadline.Within(download.ReadExactlyAsync(echoed).AsTask(), $"the echo of piece {i}");
            Assert.Equal(sent, echoed);
            sent = RandomNumberGenerator.GetBytes(Piece);
            await upload.WriteAsync(sent);
            await upload.FlushAsync();
        }

        await Deadline.Within(download.ReadExactlyAsync(echoed).AsTask(), "the echo of the last piece");

        content.Complete();
        Assert.Equal(0, await Deadline.Within(download.ReadAsync(echoed).AsTask(), "the end of the response"));

        Assert.Equal("HTTP/2", Assert.Single(response.Headers.GetValues("X-Seen-Protocol")));
        Assert.Equal("trailers", Assert.Single(response.Headers.GetValues("X-Seen-TE")));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    /// <summary>The head of an answer comes before its origin has done anything; the proxy ends such an answer itself, and who has the end finds what it changed.</summary>
    [Fact]
    public async Task CallThatWrites_IsRaisedOnceMoreBeforeTheEndOfItsAnswer()
    {
        HeldBus? bus = null;
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Services.AddSingleton<IInvalidationBus>(services => bus = new HeldBus(ActivatorUtilities.CreateInstance<LocalInvalidationBus>(services))),
            Policies = """{ "policies": { "list": { "match": { "path": "/list" }, "ttl": "1h", "tags": ["list"] }, "save": { "match": { "path": "/save" }, "invalidates": ["list"] } } }""",
            Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true, H2cUrls = ["http://127.0.0.1:0"] },
        });
        var (version, saved) = (1, new Gate());
        origin.On("/list", list =>
        {
            list.Date(env.Time.GetUtcNow());
            return list.BeginAsync($"{Volatile.Read(ref version)}", "max-age=3600", length: 1);
        });
        origin.On("/save", async save =>
        {
            await save.BeginAsync("begun", "no-cache");
            await saved.WaitAsync("the test");
            await save.SendAsync("saved");
        });
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(env.Addresses[1], "/save"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([1]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        using var response = await Deadline.Within(client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead), "the head");
        Assert.Equal("1", (await env.GetAsync("/list")).Text);
        env.Time.AdvanceSeconds(1);
        CacheAssert.Hit(await env.GetAsync("/list"));

        Volatile.Write(ref version, 2);
        saved.Open();

        var end = response.Content.ReadAsStringAsync();
        await bus!.Second.WaitAsync("it is raised once more");
        CacheAssert.Hit(await env.GetAsync("/list"));
        Assert.False(end.IsCompleted);
        bus.Held.Open();
        Assert.Equal("begunsaved", await Deadline.Within(end, "the end"));
        Assert.Equal("2", (await env.GetAsync("/list")).Text);
    }

    /// <summary>Over HTTP/2 a head comes apart from the end, whatever it says of the length.</summary>
    [Fact]
    public async Task WriteThatIsDoneBehindAHeadWithoutContent_IsRaisedOnceMoreBeforeItsEnd()
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true } });
        var (version, saved) = (1, new Gate());
        origin.On("/x", async x =>
        {
            x.Date(env.Time.GetUtcNow());
            if (x.Method == "PUT")
            {
                await x.BeginAsync("", "no-cache", length: 0);
                await saved.WaitAsync("the test");
            }
            else
            {
                await x.BeginAsync($"{Volatile.Read(ref version)}", "max-age=3600", length: 1);
            }
        });
        var write = env.SendAsync("PUT", "/x", "");
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        env.Time.AdvanceSeconds(1);

        Volatile.Write(ref version, 2);
        saved.Open();

        Assert.Equal(200, (await write).Status);
        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    /// <summary>And an answer may be whole while the request is not.</summary>
    [Fact]
    public async Task WriteThatIsAnsweredWhileItIsSent_IsRaisedOnceMoreAtItsEnd()
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true, H2cUrls = ["http://127.0.0.1:0"] },
        });
        var version = 1;
        origin.On("/x", async x =>
        {
            x.Date(env.Time.GetUtcNow());
            await (x.Method == "PUT" ? x.BeginAsync("taken", "no-cache", length: 5) : x.BeginAsync($"{Volatile.Read(ref version)}", "max-age=3600", length: 1));
            await x.EndAsync();
            await x.ReadAsync();
        });
        using var client = new HttpClient();
        using var content = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(env.Addresses[1], "/x"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
            Headers = { Host = env.Address.Authority },
        };
        var answering = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var upload = await content.OpenedAsync();
        await upload.WriteAsync(new byte[1]);
        await upload.FlushAsync();
        using var response = await Deadline.Within(answering, "the head while the request is open");
        var read = new byte[5];
        await Deadline.Within((await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(read).AsTask(), "all of the answer");
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        env.Time.AdvanceSeconds(1);

        Volatile.Write(ref version, 2);
        content.Complete();

        await env.UntilMetric("cachegateway_invalidations_total", count => count == 2);
        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    /// <summary>Takes what is raised first, and all else when it is told to.</summary>
    private sealed class HeldBus(IInvalidationBus bus) : IInvalidationBus
    {
        private int _raised;

        public Gate Second { get; } = new();

        public Gate Held { get; } = new();

        public IReadOnlyList<string> Warnings => bus.Warnings;

        public async Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
        {
            if (Interlocked.Increment(ref _raised) > 1)
            {
                Second.Open();
                await Held.WaitAsync("the test");
            }

            return await bus.RaiseAsync(order, cancellation);
        }
    }

    /// <summary>Clients take a head that does not end there, and an end without trailers, for a broken answer, whatever its status says.</summary>
    [Fact]
    public async Task AnswerThatIsTrailersOnly_StaysOneFrame()
    {
        await using var origin = await GrpcOrigin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true, H2cUrls = ["http://127.0.0.1:0"] },
        });
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);
        await client.SendAsync(
            H2Client.Headers, H2Client.EndHeaders | H2Client.EndStream, 1,
            H2Client.Block(":method: POST", ":scheme: http", ":authority: gw.test", ":path: /fail", "content-type: application/grpc", "te: trailers"));

        H2Frame? frame;
        do
        {
            frame = await Deadline.Within(client.ReadAsync(), "the answer");
        }
        while (frame is { Type: not H2Client.Headers });

        Assert.True((frame!.Flags & H2Client.EndStream) != 0, "the head does not end the stream");
    }
}
