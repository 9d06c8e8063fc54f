using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>Bodies of every framing cross the gateway whole and as they come.</summary>
public sealed class MessageBodyTests
{
    private const int Mebibyte = 1024 * 1024;

    private const int Buffered = 64 * 1024;

    [Fact]
    public async Task PostBody_OfOneMebibyte_ReachesOriginWhileTheClientStillSends()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var halfSeen = new Gate();
        env.Origin.On("POST", "/upload", async exchange =>
        {
            using var body = new MemoryStream();
            // The last few KiB may wait in the connection's buffer until more comes; the rest may not.
            await exchange.Reader.CopyExactlyAsync((Mebibyte / 2) - Buffered, body, exchange.Stopping);
            halfSeen.Open();
            await exchange.Reader.CopyExactlyAsync((Mebibyte / 2) + Buffered, body, exchange.Stopping);
            await exchange.SendAsync(Reply.Ok(Convert.ToHexString(SHA256.HashData(body.ToArray()))));
        });
        var content = RandomNumberGenerator.GetBytes(Mebibyte);
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"POST /upload HTTP/1.1\r\nHost: gw.test\r\nContent-Length: {Mebibyte}\r\n\r\n");
        await client.SendAsync(content.AsMemory(0, Mebibyte / 2));
        await halfSeen.WaitAsync("the first half of the body at the origin");
        await client.SendAsync(content.AsMemory(Mebibyte / 2));
        var response = await client.ReadAsync("POST");

        Assert.Equal(Convert.ToHexString(SHA256.HashData(content)), response.Text);
    }

    [Fact]
    public async Task PostBody_Chunked_ReachesOriginWhole()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("POST", "/upload", request => Reply.Ok(request.BodyText));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");

        Assert.Equal("abcdefg", (await client.ReadAsync("POST")).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ResponseBody_OfOneMebibyte_ReachesClientWhole(bool storable)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var content = RandomNumberGenerator.GetBytes(Mebibyte);
        env.Origin.Get("/big", Reply.Bytes(content, storable ? "Cache-Control: max-age=60" : "Cache-Control: no-store"));

        foreach (var response in (RawResponse[])[await env.GetAsync("/big"), await env.GetAsync("/big")])
        {
            Assert.True(response.Complete);
            Assert.Equal(content, response.Body);
        }

        Assert.Equal(storable ? 1 : 2, env.Origin.Requests("/big"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ResponseBody_PieceByPiece_ReachesClientAsItComes(bool storable)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/slow", Reply.Chunked(["first", gate, "second"], storable ? "Cache-Control: max-age=60" : "Cache-Control: no-store"));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/slow", []);
        await client.ReadHeadAsync();
        await ReadUntilAsync(client, "first");
        gate.Open();

        await ReadUntilAsync(client, "second");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CloseDelimitedBody_OfOrigin_ReachesClientWhole(bool http10)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/old", Reply.Exactly(http10
            ? "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end"
            : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"));

        var response = await env.GetAsync("/old");

        Assert.Equal((200, "until the end", true), (response.Status, response.Text, response.Complete));
    }

    [Theory]
    [Covers("RFC 9112 7.1", "no chunked coding to an HTTP/1.0 client")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Http10Client_IsAnsweredWithoutChunks(bool storable)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/ten", Reply.Chunked(["one", "two"], storable ? "Cache-Control: max-age=60" : "Cache-Control: no-store"));

        for (var i = 0; i < 2; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync("GET /ten HTTP/1.0\r\nHost: gw.test\r\n\r\n");
            var response = await client.ReadAsync();

            Assert.Equal((200, "onetwo", false), (response.Status, response.Text, response.Has("Transfer-Encoding")));
        }
    }

    [Fact]
    public async Task Http10Client_WithoutHost_IsAnswered()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/ten", Reply.Ok("ok"));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET /ten HTTP/1.0\r\n\r\n");

        Assert.Equal(200, (await client.ReadAsync()).Status);
    }

    [Fact]
    public async Task PipelinedRequests_AreAnsweredInOrder()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/n/*", request => Reply.Ok(request.Target, "Cache-Control: max-age=60"));
        await env.GetAsync("/n/2");
        await using var client = await env.ConnectAsync();

        await client.SendAsync(string.Concat(Enumerable.Range(1, 5).Select(n => $"GET /n/{n} HTTP/1.1\r\nHost: {env.Address.Authority}\r\n\r\n")));

        for (var n = 1; n <= 5; n++)
        {
            Assert.Equal($"/n/{n}", (await client.ReadAsync()).Text);
        }

        Assert.Equal(1, env.Origin.Requests("/n/2"));
    }

    [Fact]
    public async Task ServerSentEvents_EachReachesClientBeforeTheNextIsSent()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        Gate[] received = [new(), new(), new()];
        env.Origin.Get("/events", Reply.Chunked(
            ["data: 0\n\n", received[0], "data: 1\n\n", received[1], "data: 2\n\n", received[2]],
            "Content-Type: text/event-stream",
            "Cache-Control: no-cache"));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/events", ["Accept: text/event-stream"]);
        await client.ReadHeadAsync();

        for (var i = 0; i < received.Length; i++)
        {
            await ReadUntilAsync(client, $"data: {i}");
            received[i].Open();
        }
    }

    [Fact]
    public async Task ServerSentEvents_WithoutAcceptField_StreamAsWell()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var received = new Gate();
        env.Origin.Get("/events", Reply.Chunked(["data: 0\n\n", received, "data: 1\n\n"], "Content-Type: text/event-stream"));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/events", []);
        await client.ReadHeadAsync();
        await ReadUntilAsync(client, "data: 0");
        received.Open();

        await ReadUntilAsync(client, "data: 1");
    }

    [Fact]
    public async Task ServerSentEvents_HeadReachesClientBeforeTheFirstEvent()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var opened = new Gate();
        env.Origin.Get("/events", Reply.Chunked([opened, "data: 0\n\n"], "Content-Type: text/event-stream"));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/events", ["Accept: text/event-stream"]);
        await client.ReadHeadAsync();
        opened.Open();

        await ReadUntilAsync(client, "data: 0");
    }

    [Fact]
    public async Task ServerSentEvents_OutliveTheLimitOnSilence()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { OriginTimeout = Deadline.Patience, OriginIdleTimeout = Deadline.Patience },
        });
        var opened = new Gate();
        env.Origin.Get("/events", Reply.Chunked([opened, "data: 0\n\n"], "Content-Type: text/event-stream"));
        env.Origin.Get("/silent", Reply.Ok("late"));
        env.Origin.Hold("/silent");
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/events", ["Accept: text/event-stream"]);
        await client.ReadHeadAsync();

        // The limit has passed for a request that began later: it has passed for the stream too.
        Assert.Equal(504, (await env.GetAsync("/silent")).Status);
        Assert.Equal(504, (await env.GetAsync("/silent")).Status);
        opened.Open();

        await ReadUntilAsync(client, "data: 0");
    }

    /// <summary>Programs that speak JSON-RPC take a document or a stream of events for an answer; a tool that works for a minute is silent for a minute.</summary>
    [Fact]
    public async Task ServerSentEvents_ThatAnswerContent_OutliveTheLimitOnSilence()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { OriginTimeout = Deadline.Patience, OriginIdleTimeout = Deadline.Patience },
        });
        var opened = new Gate();
        env.Origin.On("POST", "/rpc", _ => Reply.Chunked([opened, "data: 0\n\n"], "Content-Type: text/event-stream"));
        env.Origin.On("POST", "/silent", _ => Reply.Ok("late"));
        env.Origin.Hold("/silent");
        string[] fields = ["Accept: application/json, text/event-stream", "Content-Type: application/json"];
        await using var client = await env.ConnectAsync();
        await client.SendAsync("POST", "/rpc", fields, "{}");
        await client.ReadHeadAsync();

        // The limit has passed for requests that began later: it has passed for the stream too.
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(504, (await env.SendAsync("POST", "/silent", "{}", fields)).Status);
        }

        opened.Open();

        await ReadUntilAsync(client, "data: 0");
    }

    [Fact]
    public async Task ClientThatLeavesAStream_EndsTheOriginsRequest()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gone = new Gate();
        env.Origin.On("GET", "/events", async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n8\r\ndata: 0\n\r\n");
            Assert.True((await exchange.Reader.ReadSomeAsync(1, exchange.Stopping)).IsEmpty);
            gone.Open();
        });
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/events", ["Accept: text/event-stream"]);
        await client.ReadHeadAsync();

        client.Abort();

        await gone.WaitAsync("the end of the origin's connection");
    }

    private static async Task ReadUntilAsync(RawClient client, string text)
    {
        var seen = new StringBuilder();
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            var some = await Deadline.Within(client.Reader.ReadSomeAsync(4096), $"\"{text}\"");
            Assert.False(some.IsEmpty, $"the body ended before \"{text}\"");
            seen.Append(Encoding.UTF8.GetString(some.Span));
        }
    }

    [Theory]
    [InlineData("5\r\nhello\r\nzz\r\n")]
    [InlineData("FFFFFFFFFFFFFFED\r\n0\r\n\r\n")]
    public async Task MalformedBodyOfAClient_IsTheClientsFault(string body)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("POST", "/x", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.SendAsync(Reply.Ok("never"));
        });
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"POST /x HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n{body}");

        Assert.Equal(400, (await client.ReadAsync("POST")).Status);
        Assert.Null(await client.Reader.ReadLineAsync());
    }

    [Theory]
    [Covers("RFC 9110 6.6.2", "Trailer announces only what is sent")]
    [InlineData("Cache-Control: no-store", "X-None: 1")]
    [InlineData("Cache-Control: no-store", "Authorization: Basic eDp5")]
    [InlineData("Cache-Control: max-age=60", "X-None: 1")]
    public async Task Trailer_IsNotAnnouncedWhereNoneIsSent(string control, string field)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Chunked(["x"], control, "Trailer: X-Sum") with { Trailers = ["X-Sum: 1"] });

        for (var i = 0; i < 2; i++)
        {
            var answer = await env.GetAsync("/x", field);
            Assert.Equal(("x", false), (answer.Text, answer.Has("Trailer")));
            Assert.Empty(answer.Trailers);
        }
    }
}
