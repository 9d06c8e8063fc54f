using CacheGateway.FunctionalTests.PassThrough;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>What HTTP/2 adds: fields and lengths that mean something else once the request is written as HTTP/1.1, and floods of cheap frames.</summary>
public sealed class Http2Tests
{
    private static readonly EnvironmentOptions WithHttp2 = new() { Settings = settings => settings with { H2cUrls = ["http://127.0.0.1:0"] } };

    private static readonly string[] Get = [":method: GET", ":scheme: http", ":authority: gw.test", ":path: /alive"];

    [Theory]
    [Attack("D15", "HTTP/2 that becomes something else as HTTP/1.1")]
    [InlineData(":method: GET\r\nX: y", ":scheme: http", ":authority: gw.test", ":path: /a")]
    [InlineData(":method: GET /smuggled HTTP/1.1\r\n", ":scheme: http", ":authority: gw.test", ":path: /a")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a HTTP/1.1\r\nHost: gw.test\r\n\r\nGET /smuggled")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a /smuggled")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: ")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: @evil.test/a")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: smuggled")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a\u00e9")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a#b")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test\r\nX: y", ":path: /a")]
    [InlineData(":method: GET", ":scheme: http", ":authority: a@gw.test", ":path: /a")]
    [InlineData(":method: GET", ":scheme: http", ":authority: xn--", ":path: /a")]
    [InlineData(":method: GET", ":scheme: http", ":authority: ", ":path: /a")]
    [InlineData(":method: GET", ":scheme: https", ":authority: gw.test", ":path: /a")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test/smuggled", ":path: /a")]
    [InlineData(":method: GET", ":scheme: http\r\nX: y", ":authority: gw.test", ":path: /a")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y\r\nTransfer-Encoding: chunked")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y\nz")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y\0z")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y\u0001z")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y\u001bz")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y\u007fz")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "user-agent: y\u0008")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "authorization:  Negotiate x")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "authorization: \tNTLM x")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y ")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x: y\t")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x:  ")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x\r\ny: z")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "x y: z")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "X-Upper: z")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "transfer-encoding: chunked")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "connection: content-length")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "upgrade: websocket")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "keep-alive: 1")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", "content-length: 5")]
    [InlineData(":method: POST", ":scheme: http", ":authority: gw.test", ":path: /a", "content-length: 5", "content-length: 6")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", ":path: /smuggled")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", "x: y", ":path: /smuggled")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test", ":path: /a", ":status: 200")]
    [InlineData(":method: GET", ":scheme: http", ":authority: gw.test")]
    [InlineData(":scheme: http", ":authority: gw.test", ":path: /a")]
    public async Task Fields_ThatMeanSomethingElseAsHttp1_AreRefused(params string[] fields)
    {
        await using var env = await Wire.StartAsync(WithHttp2);
        await using (var client = await H2Client.ConnectAsync(env.Addresses[1]))
        {
            await client.SendAsync(H2Client.Headers, H2Client.EndHeaders | H2Client.EndStream, 1, H2Client.Block(fields));
            Assert.DoesNotContain("GET /a []", await client.EndOfAsync(1), StringComparison.Ordinal);
        }

        Assert.Empty(env.Origin.Log);
        await Wire.LivesAsync(env);
    }

    [Theory]
    [Attack("D15", "HTTP/2 that becomes something else as HTTP/1.1")]
    [InlineData("0", "GET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("4", "x=1GET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("400", "x=1")]
    [InlineData("-1", "x=1")]
    [InlineData("0x3", "x=1")]
    [InlineData("3, 3", "x=1")]
    public async Task Length_ThatIsNotTheBodys_ReachesNobodyAsARequest(string length, string body)
    {
        await using var env = await Wire.StartAsync(WithHttp2);
        await using (var client = await H2Client.ConnectAsync(env.Addresses[1]))
        {
            await client.SendAsync(H2Client.Headers, H2Client.EndHeaders, 1, H2Client.Block(":method: POST", ":scheme: http", ":authority: gw.test", ":path: /a", $"content-length: {length}"));
            await client.TrySendAsync(H2Client.Data, H2Client.EndStream, 1, System.Text.Encoding.Latin1.GetBytes(body));
            Assert.DoesNotContain("POST /a", await client.EndOfAsync(1), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(env.Origin.Log, request => request.Path != "/a" || request.Body.Length > 0);
        await Wire.LivesAsync(env);
    }

    /// <summary>The server reads these in one way, and in that way they are written.</summary>
    [Theory]
    [Attack("D15", "HTTP/2 that becomes something else as HTTP/1.1")]
    [InlineData("host: evil.test", "Host", "gw.test")]
    [InlineData("content-length: +3", "Content-Length", "3")]
    [InlineData("content-length: 03", "Content-Length", "3")]
    [InlineData("cookie: a=b", "Cookie", "a=b")]
    public async Task Fields_ThatTheServerReads_AreWrittenAsTheyWereRead(string field, string name, string value)
    {
        await using var env = await Wire.StartAsync(WithHttp2);
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);

        await client.SendAsync(H2Client.Headers, H2Client.EndHeaders, 1, H2Client.Block(":method: POST", ":scheme: http", ":authority: gw.test", ":path: /a", field));
        await client.SendAsync(H2Client.Data, H2Client.EndStream, 1, "x=1"u8.ToArray());

        Assert.Equal("POST /a [x=1]", await client.EndOfAsync(1));
        Assert.Equal(value, env.Origin.Last("/a").Header(name));
    }

    [Fact]
    [Attack("D15", "HTTP/2 that becomes something else as HTTP/1.1")]
    public async Task SoundRequest_IsAnswered()
    {
        await using var env = await Wire.StartAsync(WithHttp2);
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);

        await client.SendAsync(H2Client.Headers, H2Client.EndHeaders | H2Client.EndStream, 1, H2Client.Block([.. Get, "x-y: z", "te: trailers"]));

        Assert.Equal("GET /alive []", await client.EndOfAsync(1));
    }

    [Fact]
    [Attack("D19", "Requests inside what goes to an HTTP/2 origin")]
    public async Task BodyThatLooksLikeFrames_IsABody()
    {
        // A body and fields that spell an HTTP/2 connection of their own.
        await using var origin = await GrpcOrigin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true } });
        var body = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0\0\0\u0005\u0001\u0005\0\0\0\u0001\u0082\u0086\u0084GET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n";
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"POST /a HTTP/1.1\r\nHost: gw.test\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var echoed = await client.ReadAsync("POST");

        Assert.Equal((200, body), (echoed.Status, System.Text.Encoding.Latin1.GetString(echoed.Body)));
        await client.SendAsync("POST /b HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 1\r\n\r\nx");
        Assert.Equal("x", (await client.ReadAsync("POST")).Text);
    }

    [Theory]
    [Attack("E03", "Floods of HTTP/2 frames")]
    [InlineData("streams that are reset at once")]
    [InlineData("pings")]
    [InlineData("settings")]
    [InlineData("empty data")]
    [InlineData("headers that never end")]
    [InlineData("streams beyond the limit")]
    public async Task Flood_ClosesItsOwnConnection_OrIsBorne_AndOthersAreServed(string flood)
    {
        await using var env = await Wire.StartAsync(WithHttp2);
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);
        await using var reading = new Reading(client);
        if (flood == "empty data")
        {
            await client.SendAsync(H2Client.Headers, H2Client.EndHeaders, 1, H2Client.Block(":method: POST", ":scheme: http", ":authority: gw.test", ":path: /flood"));
        }

        var sent = 0;
        for (; sent < 20_000 && await FloodAsync(client, flood, sent); sent++)
        {
            if (sent % 2_000 == 0)
            {
                await Wire.LivesAsync(env);
            }
        }

        await Wire.LivesAsync(env);

        // Held to what one connection may have under way; the rest was refused or came one after the other.
        Assert.InRange(await env.MetricAsync("cachegateway_origin_under_way"), 0, 100);
        Assert.True(sent < 20_000 || flood != "headers that never end", "a header section without an end was read on and on");
    }

    private static Task<bool> FloodAsync(H2Client client, string flood, int number) => flood switch
    {
        "pings" => client.TrySendAsync(H2Client.Ping, 0, 0, new byte[8]),
        "settings" => client.TrySendAsync(H2Client.Settings, 0, 0, []),
        "empty data" => client.TrySendAsync(H2Client.Data, 0, 1, []),
        "headers that never end" => number == 0
            ? client.TrySendAsync(H2Client.Headers, 0, 1, H2Client.Block(Get))
            : client.TrySendAsync(H2Client.Continuation, 0, 1, H2Client.Block($"x-{number}: {new string('a', 100)}")),
        "streams beyond the limit" => client.TrySendAsync(
            H2Client.Headers, H2Client.EndHeaders, (2 * number) + 1, H2Client.Block(":method: POST", ":scheme: http", ":authority: gw.test", $":path: /flood{number}")),
        _ => ResetAsync(client, (2 * number) + 1),
    };

    private static async Task<bool> ResetAsync(H2Client client, int stream) =>
        await client.TrySendAsync(H2Client.Headers, H2Client.EndHeaders | H2Client.EndStream, stream, H2Client.Block([.. Get[..3], $":path: /reset{stream}"]))
        && await client.TrySendAsync(H2Client.Reset, 0, stream, [0, 0, 0, 8]);

    /// <summary>Takes what comes, so that the flood is not held up by its own answers.</summary>
    private sealed class Reading : IAsyncDisposable
    {
        private readonly Task _reading;
        private readonly H2Client _client;

        public Reading(H2Client client)
        {
            _client = client;
            _reading = ReadAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _reading;
        }

        private async Task ReadAsync()
        {
            try
            {
                while (await _client.ReadAsync() is not null)
                {
                }
            }
            catch (Exception ended) when (ended is ObjectDisposedException or TimeoutException)
            {
                // Nothing more comes.
            }
        }
    }
}
