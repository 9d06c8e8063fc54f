namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>102 and 103 go on to the client whose request caused them, at once, and leave no trace behind.</summary>
public sealed class InterimTests : IDisposable
{
    private const string Hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Early: yes\r\n\r\n";
    private const string Fresh = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok";
    private const string Private = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\nok";
    private static readonly string[] HintsReceived = ["HTTP/1.1 103 Early Hints", "Link: </a.css>; rel=preload", "X-Early: yes"];

    private readonly TestCertificate _certificate = new();

    public static TheoryData<string> WaysThrough => ["fill", "pass", "head", "tls"];

    [Theory]
    [MemberData(nameof(WaysThrough))]
    [Covers("RFC 9110 15.2", "a proxy forwards 1xx responses")]
    public async Task EarlyHints_ReachTheClient_BeforeTheOriginAnswers(string way)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => way == "tls" ? settings with { Urls = ["https://127.0.0.1:0"] } : settings,
            Configure = _certificate.Configure,
        });
        var gate = new Gate();
        env.Origin.On("GET", "/h", async exchange =>
        {
            await exchange.SendAsync(Hints);
            await gate.Opened.WaitAsync(exchange.Stopping);
            await exchange.SendAsync(exchange.Request.Method == "HEAD" ? Fresh[..^2] : Fresh);
        });
        await using var client = await RawClient.ConnectAsync(env.Address, way == "tls" ? TestCertificate.Trusting() : null);

        await client.SendAsync(way == "head" ? "HEAD" : "GET", "/h", way == "pass" ? ["Authorization: Basic eDp5"] : []);
        var interim = await ReadInterimAsync(client);
        gate.Open();
        var final = await client.ReadAsync(way == "head" ? "HEAD" : "GET");

        Assert.Equal(HintsReceived, interim);
        Assert.Equal((200, way == "head" ? "" : "ok"), (final.Status, final.Text));
        Assert.False(final.Has("X-Early"));
    }

    [Fact]
    [Attack("A30", "Interim fields in the stored answer")]
    [Covers("RFC 9111 3", "an interim response is not stored, nor are its fields")]
    public async Task Interim_OfAStoredResponse_IsNotRepeatedByHits()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/h", Reply.Exactly("HTTP/1.1 102 Processing\r\n\r\n" + Hints + Hints + Fresh, ReplyEnding.KeepAlive));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/h", []);
        Assert.Equal(["HTTP/1.1 102 Processing"], await ReadInterimAsync(client));
        Assert.Equal(HintsReceived, await ReadInterimAsync(client));
        Assert.Equal(HintsReceived, await ReadInterimAsync(client));
        var first = await client.ReadAsync();
        await client.SendAsync("GET", "/h", []);
        var status = await client.Reader.ReadLineAsync();
        var fields = await client.Reader.ReadFieldLinesAsync();

        Assert.Equal(("ok", false), (first.Text, first.Has("Link")));
        Assert.StartsWith("HTTP/1.1 200", status, StringComparison.Ordinal);
        Assert.DoesNotContain(fields, line => line.StartsWith("X-Early", StringComparison.Ordinal) || line.StartsWith("Link", StringComparison.Ordinal));
        Assert.Contains(fields, line => line.StartsWith("Age:", StringComparison.Ordinal));
        Assert.Equal(1, env.Origin.Requests("/h"));
    }

    [Fact]
    public async Task Interim_SentByteByByte_IsPassedOnWhole()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("GET", "/h", async exchange =>
        {
            foreach (var octet in Hints + Hints + Fresh)
            {
                await exchange.SendAsync(octet.ToString());
            }
        });
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/h", []);

        Assert.Equal(HintsReceived, await ReadInterimAsync(client));
        Assert.Equal(HintsReceived, await ReadInterimAsync(client));
        Assert.Equal("ok", (await client.ReadAsync()).Text);
    }

    [Fact]
    public async Task Interim_FieldsOfTheConnectionAndCookies_StayBehind()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/h", Reply.Exactly(
            "HTTP/1.1 103 X\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\nLink: </a>\r\n\r\n" + Private,
            ReplyEnding.KeepAlive));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/h", []);

        Assert.Equal(["HTTP/1.1 103 Early Hints", "Link: </a>"], await ReadInterimAsync(client));
        Assert.Equal("ok", (await client.ReadAsync()).Text);
    }

    public static TheoryData<string> NotForwarded => new(
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\nLink: </a>\n\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n folded\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nX: a\0b\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nX-Big: " + new string('x', 20_000) + "\r\n\r\n",
        "HTTP/1.1 199 Other\r\n\r\n");

    [Theory]
    [MemberData(nameof(NotForwarded))]
    public async Task Interim_OddOnes_NeverReachTheClient(string odd)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/h", Reply.Exactly(odd + Private));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/h", []);
        var status = await Deadline.Within(client.Reader.ReadLineAsync(), "the answer");

        // What the client library makes of it is its affair: an answer or a failure, but nothing interim.
        Assert.True(status is "HTTP/1.1 200 OK" or "HTTP/1.1 502 Bad Gateway", status);
    }

    [Fact]
    public async Task Interim_MoreThanSixteen_AreCutOffAtSixteen()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/h", Reply.Exactly(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 20)) + Private, ReplyEnding.KeepAlive));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/h", []);
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(["HTTP/1.1 102 Processing"], await ReadInterimAsync(client));
        }

        Assert.Equal("HTTP/1.1 200 OK", await client.Reader.ReadLineAsync());
    }

    [Fact]
    public async Task Body_ThatLooksLikeAnInterimResponse_IsOnlyABody()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/h", Reply.Chunked([Hints, gate, Hints], "Cache-Control: no-store"));
        await using var client = await env.ConnectAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync("GET", "/h", []);
            Assert.StartsWith("HTTP/1.1 200", await client.Reader.ReadLineAsync(), StringComparison.Ordinal);
            await client.Reader.ReadFieldLinesAsync();
            gate.Open();
            using var body = new MemoryStream();
            await client.Reader.CopyChunkedAsync(body);
            Assert.Equal(Hints + Hints, System.Text.Encoding.ASCII.GetString(body.ToArray()));
        }
    }

    [Fact]
    public async Task Connections_OfBothSides_AreReusedAcrossInterimResponses()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/h", Reply.Exactly(Hints + Private, ReplyEnding.KeepAlive));
        env.Origin.On("POST", "/h", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.SendAsync(Hints + Private);
        });
        await using var client = await env.ConnectAsync();

        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync("GET", "/h", []);
            Assert.Equal(HintsReceived, await ReadInterimAsync(client));
            Assert.Equal("ok", (await client.ReadAsync()).Text);

            // A request with a body has no listener: the server itself may be writing 100.
            await client.SendAsync("POST", "/h", [], "body");
            Assert.Equal("HTTP/1.1 200 OK", await client.Reader.ReadLineAsync());
            await client.Reader.ReadFieldLinesAsync();
            await client.Reader.CopyExactlyAsync(2, Stream.Null);
        }

        Assert.Equal(1, env.Origin.Accepted);
    }

    [Fact]
    public async Task Pipelined_Requests_GetTheirInterimResponsesInOrder()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/h", Reply.Exactly(Hints + Private, ReplyEnding.KeepAlive));
        await using var client = await env.ConnectAsync();

        await client.SendAsync(string.Concat(Enumerable.Repeat("GET /h HTTP/1.1\r\nHost: a\r\n\r\n", 20)));

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HintsReceived, await ReadInterimAsync(client));
            Assert.Equal("ok", (await client.ReadAsync()).Text);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Interim_ToHttp10OrSwitchedOff_IsDropped(bool isOff)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { InterimResponses = !isOff },
        });
        env.Origin.Get("/h", Reply.Exactly(Hints + Private, ReplyEnding.KeepAlive));
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"GET /h HTTP/1.{(isOff ? 1 : 0)}\r\nHost: a\r\n\r\n");

        Assert.Equal("HTTP/1.1 200 OK", await client.Reader.ReadLineAsync());
    }

    [Theory]
    [Attack("C08", "A personal answer shared with those who waited")]
    [InlineData("X-None: 1")]
    [InlineData("X-Api-Key: alice")]
    [InlineData("Cookie: a=1")]
    public async Task Interim_IsForTheClientThatCausedTheFetch_Alone(string leaderField)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = Model.CacheProfile.Rfc9111 });
        var first = new Gate();
        var second = new Gate();
        env.Origin.On("GET", "/h", async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 102 Processing\r\n\r\n");
            await first.Opened.WaitAsync(exchange.Stopping);
            await exchange.SendAsync(Hints);
            await second.Opened.WaitAsync(exchange.Stopping);
            await exchange.SendAsync(Fresh.Replace("max-age", "public, s-maxage=60, max-age", StringComparison.Ordinal));
        });
        await using var leader = await env.ConnectAsync();
        await using var follower = await env.ConnectAsync();

        await leader.SendAsync("GET", "/h", [leaderField]);
        Assert.Equal(["HTTP/1.1 102 Processing"], await ReadInterimAsync(leader));
        await follower.SendAsync("GET", "/h", []);
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
        first.Open();
        Assert.Equal(HintsReceived, await ReadInterimAsync(leader));
        second.Open();
        Assert.Equal("ok", (await leader.ReadAsync()).Text);
        Assert.Equal("HTTP/1.1 200 OK", await Deadline.Within(follower.Reader.ReadLineAsync(), "the follower's answer"));
        Assert.Equal(1, env.Origin.Requests("/h"));
    }

    [Fact]
    public async Task Client_LeavingAfterAnInterimResponse_HarmsNobody()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.On("GET", "/h", async exchange =>
        {
            await exchange.SendAsync(Hints);
            await gate.Opened.WaitAsync(exchange.Stopping);
            await exchange.SendAsync(Hints + Fresh);
        });
        await using var leader = await env.ConnectAsync();
        await using var follower = await env.ConnectAsync();

        await leader.SendAsync("GET", "/h", []);
        await ReadInterimAsync(leader);
        await follower.SendAsync("GET", "/h", []);
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
        leader.Abort();
        gate.Open();

        Assert.Equal("ok", (await follower.ReadAsync()).Text);
    }

    public void Dispose() => _certificate.Dispose();

    private static async Task<string[]> ReadInterimAsync(RawClient client)
    {
        var status = await Deadline.Within(client.Reader.ReadLineAsync(), "an interim response");
        Assert.StartsWith("HTTP/1.1 1", status, StringComparison.Ordinal);
        return [status!, .. await Deadline.Within(client.Reader.ReadFieldLinesAsync(), "its fields")];
    }
}
