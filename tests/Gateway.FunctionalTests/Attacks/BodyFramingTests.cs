namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group D, the body: chunks that two readers could cut at two places, and bodies where none are expected.</summary>
public sealed class BodyFramingTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private const string Chunked = "POST /a HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [Attack("D06", "Chunk extensions with bare line ends")]
    [InlineData("1;\n\r\nX\r\n3e\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("2;\rxx\r\nxy\r\n0\r\n\r\n")]
    [InlineData("2;a\nxx\r\nxy\r\n0\r\n\r\n")]
    [InlineData("5;a=\"\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a=\"b\nc\"\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a\0b\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a=\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a@b\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 ;a\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\n\r\nhello\r\n0\r\n\r\n")]
    public async Task Extensions_OutsideOfTheirGrammar_AreRefused(string body) => await RefusedAsync(body);

    [Theory]
    [Attack("D07", "Chunk ends that are none")]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\n0\r\n\r\n")]
    [InlineData("5\r\nhello0\r\n\r\n")]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello world\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\r0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\n\n")]
    [InlineData("5\r\nhello\r\n0\r\n\n")]
    public async Task ChunkEnds_ThatAreNone_AreRefused(string body) => await RefusedAsync(body);

    [Theory]
    [Attack("D08", "Chunk sizes that overflow or are none")]
    [InlineData("FFFFFFFFFFFFFFED\r\n0\r\n\r\n")]
    [InlineData("80000000\r\nhello\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFF\r\nhello\r\n0\r\n\r\n")]
    [InlineData("100000000\r\nhello\r\n0\r\n\r\n")]
    [InlineData("10000000000000005\r\nhello\r\n0\r\n\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("+5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5_0\r\nhello\r\n0\r\n\r\n")]
    [InlineData(" 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("\r\nhello\r\n0\r\n\r\n")]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5,5\r\nhello\r\n0\r\n\r\n")]
    public async Task Sizes_ThatAreNone_AreRefused(string body) => await RefusedAsync(body);

    [Fact]
    [Attack("D08", "Chunk sizes that overflow or are none")]
    public async Task Sizes_WithThousandsOfZeros_AreRefused() => await RefusedAsync(new string('0', 10_000) + "5\r\nhello\r\n0\r\n\r\n");

    [Fact]
    [Attack("D06", "Chunk extensions with bare line ends")]
    public async Task Extensions_WithoutEnd_AreRefused() => await RefusedAsync("5;a=" + new string('x', 40_000) + "\r\nhello\r\n0\r\n\r\n");

    [Fact]
    public async Task Chunks_WithExtensionsAndTrailers_ByTheBook_ReachTheOriginAsABody()
    {
        await using var env = await Wire.StartAsync();
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"{Chunked}5;a=b;c=\"d \\\" e\";f\r\nhello\r\n006\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n{Wire.Probe}");

        Assert.Equal("POST /a [hello world]", (await client.ReadAsync("POST")).Text);
        Assert.Equal("GET /probe []", (await client.ReadAsync()).Text);
        Assert.False(env.Origin.Last("/a").Has("X-Sum"));
    }

    [Theory]
    [Attack("D12", "Bytes behind an upgrade that nobody accepted")]
    [InlineData("websocket")]
    [InlineData("h2c")]
    [InlineData("h9")]
    public async Task BytesBehindAnUpgrade_AreTheNextRequest(string protocol)
    {
        await using var env = await Wire.StartAsync();
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"GET /a HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n{Wire.Probe}");

        Assert.Equal("GET /a []", (await client.ReadAsync()).Text);
        Assert.Equal("GET /probe []", (await client.ReadAsync()).Text);
        Assert.Equal(["/a", "/probe"], env.Origin.Log.Select(request => request.Path));
        Assert.All(env.Origin.Log, request => Assert.Empty(request.Body));
    }

    [Fact]
    [Attack("D12", "Bytes behind an upgrade that nobody accepted")]
    public async Task BytesBehindAnUpgrade_AreJudgedAsTheNextRequest()
    {
        await using var env = await Wire.StartAsync();
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET /a HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /smuggled HTTP/1.1\nHost: gw.test\n\n");

        Assert.Equal("GET /a []", (await client.ReadAsync()).Text);
        Assert.Equal(400, (await client.ReadAsync()).Status);
        Assert.Equal(["/a"], env.Origin.Log.Select(request => request.Path));
    }

    [Theory]
    [Attack("D14", "Bodies where none are expected")]
    [InlineData("GET", "")]
    [InlineData("HEAD", "")]
    [InlineData("OPTIONS", "")]
    [InlineData("DELETE", "")]
    [InlineData("GET", "Expect: 100-continue\r\n")]
    public async Task BodyOnAHit_IsABodyAndNoRequest(string method, string line)
    {
        await using var env = await Wire.StartAsync();
        await env.GetAsync("/hit", "Host: gw.test");
        await using var client = await env.ConnectAsync();
        const string inside = "GET /smuggled HTTP/1.1\r\nFoo: x\r\n\r\n";

        await client.SendAsync($"{method} /hit HTTP/1.1\r\nHost: gw.test\r\n{line}Content-Length: {inside.Length}\r\n\r\n{inside}{Wire.Probe}");

        Assert.Equal(200, (await client.ReadAsync(method)).Status);
        Assert.Equal("GET /probe []", (await client.ReadAsync()).Text);
        Assert.DoesNotContain(env.Origin.Log, request => request.Path == "/smuggled");
    }

    [Theory]
    [Attack("D14", "Bodies where none are expected")]
    [Attack("D23", "A body that is announced and never comes")]
    [InlineData("GET /hit HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 30\r\n\r\n")]
    [InlineData("GET /hit HTTP/1.1\r\nHost: gw.test\r\nExpect: 100-continue\r\nContent-Length: 30\r\n\r\n")]
    public async Task BodyThatNeverComes_IsNotTakenFromTheNextRequest(string head)
    {
        await using var env = await Wire.StartAsync();
        await env.GetAsync("/hit", "Host: gw.test");
        await using var client = await env.ConnectAsync();

        await client.SendAsync(head + Wire.Smuggled);
        client.Finish();

        var seen = new List<string>();
        while (await client.ReadAsync() is { Status: not 0 } answer)
        {
            seen.Add(answer.Text);
        }

        Assert.DoesNotContain(env.Origin.Log, request => request.Path == "/smuggled");
        Assert.DoesNotContain(seen, text => text.Contains("/smuggled", StringComparison.Ordinal));
    }

    [Theory]
    [Attack("D27", "A client that leaves before its body is read")]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task BodyOfAClientThatLeft_IsNoRequest(string method)
    {
        await using var env = await Wire.StartAsync();
        var gate = new Gate();
        env.Origin.On(null, "/late", async exchange =>
        {
            await gate.Opened.WaitAsync(exchange.Stopping);
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            // Where the gateway has passed the body on, this origin must not take it for a request either.
            await exchange.ReadBodyAsync();
        });

        // Once the server knows that a client is gone, it takes the body that nobody read for the next request.
        for (var i = 0; i < 50; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync($"{method} {(i % 2 == 0 ? "/late" : "/hit")} HTTP/1.1\r\nHost: gw.test\r\nContent-Length: {Wire.Smuggled.Length}\r\n\r\n{Wire.Smuggled}");
            client.Finish();
        }

        gate.Open();
        await env.UntilMetric("cachegateway_connections", open => open == 0);

        Assert.Empty(env.Origin.Log.Where(request => request.Path == "/smuggled").SelectMany(request => request.HeaderLines.Prepend(request.RequestLine)));
    }

    [Fact]
    [Attack("D27", "A client that leaves before its body is read")]
    public async Task BodiesThatNobodyReads_KeepNoProcessorBusy()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.On(null, "/*", _ => Reply.Ok("a", "Cache-Control: max-age=60"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);

        for (var i = 0; i < 200; i++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync($"GET /hit HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 30\r\n\r\n{Wire.Smuggled}");
            client.Finish();
        }

        // A server that is shown the same bytes again and again has no idle second any more.
        await Deadline.Until(
            async () =>
            {
                var before = gateway.ProcessorTime();
                await Task.Delay(TimeSpan.FromSeconds(1));
                return gateway.ProcessorTime() - before < TimeSpan.FromSeconds(0.5);
            },
            "an idle second");
    }

    [Theory]
    [Attack("D20", "Trailers that pose as fields")]
    [InlineData("Content-Length: 99")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Host: evil.test")]
    [InlineData("Authorization: Bearer x")]
    [InlineData("Cookie: a=b")]
    [InlineData("Bad Name: x")]
    [InlineData("X: a\0b")]
    [InlineData(" folded")]
    public async Task Trailers_ThatPoseAsFields_AreRefused(string trailer) => await RefusedAsync($"5\r\nhello\r\n0\r\n{trailer}\r\n\r\n");

    private Task RefusedAsync(string body) => gateway.RefusesBodyAsync(Chunked + body, 400, 413);
}
