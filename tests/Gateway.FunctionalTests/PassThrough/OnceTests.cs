using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>How often an origin gets a request that it ends without an answer.</summary>
public sealed class OnceTests
{
    private const string Forwarder = "Yarp.ReverseProxy.Forwarder.HttpForwarder";

    [Theory]
    [Covers("RFC 9110 9.2.2", "A request that may change something is not sent once more by itself, with content or without")]
    [Fault("F-29", "A write that the origin ends without an answer is sent once, on a new connection and on an old one")]
    [InlineData("POST", null)]
    [InlineData("PUT", null)]
    [InlineData("PATCH", null)]
    [InlineData("DELETE", null)]
    [InlineData("PURGE", null)]
    [InlineData("POST", "")]
    [InlineData("POST", "body")]
    [InlineData("POST", null, true)]
    [InlineData("POST", "body", true)]
    [InlineData("DELETE", null, true)]
    public async Task Write_ThatGetsNoAnswer_IsSentOnce(string method, string? body, bool resets = false)
    {
        await using var env = await StartAsync();
        env.Origin.On(method, "/die", exchange => End(exchange, resets));

        Assert.Equal(502, (await env.SendAsync(method, "/die", body)).Status);
        Assert.Equal(1, env.Origin.Requests("/die"));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => env.GetAsync("/warm")));
        Assert.Equal(502, (await env.SendAsync(method, "/die", body)).Status);
        Assert.Equal(2, env.Origin.Requests("/die"));
    }

    [Fact]
    [Fault("F-29", "A read that ends every new connection without an answer is sent twice")]
    public async Task Read_ThatGetsNoAnswer_IsSentTwice()
    {
        await using var env = await StartAsync();

        Assert.Equal(502, (await env.GetAsync("/die")).Status);

        Assert.Equal(2, env.Origin.Requests("/die"));
    }

    /// <summary>An origin may end a connection that was idle in the very moment of the next request: that costs no retry of the budget.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_OnAConnectionThatEndsAfterAnAnswer_IsAnswered(bool resets)
    {
        await using var env = await StartAsync();
        var ended = 0;
        env.Origin.On("GET", "/idle", exchange => Interlocked.Increment(ref ended) <= 2 ? End(exchange, resets) : exchange.SendAsync(Reply.Ok("here", "Cache-Control: no-store")));
        await WarmAsync(env);

        Assert.Equal("here", (await env.GetAsync("/idle")).Text);
        Assert.Equal(0, await env.MetricAsync("cachegateway_origin_retries_total"));
    }

    /// <summary>What breaks the origin is not sent to it on one connection after the other: that it was not idle shows in the time it took.</summary>
    [Theory]
    [Fault("F-29", "A read that the origin ends after a while, on connections that had answered before, is sent twice")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_ThatEndsOldConnectionsAfterAWhile_IsSentTwice(bool resets)
    {
        await using var env = await StartAsync();
        env.Origin.On("GET", "/breaks", exchange =>
        {
            env.Time.AdvanceSeconds(1);
            return End(exchange, resets);
        });
        await WarmAsync(env);

        Assert.Equal(502, (await env.GetAsync("/breaks")).Status);

        Assert.Equal(2, env.Origin.Requests("/breaks"));
        Assert.Equal(1, await env.MetricAsync("cachegateway_origin_retries_total"));
    }

    /// <summary>On an old connection the client library reads ahead; where the origin resets it, no byte can be written any more and the answer lies there.</summary>
    [Theory]
    [Fault("F-35", "An answer that comes before the request is whole, and the origin takes no more of it: the client gets the answer")]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task AnswerBeforeTheRequestIsWhole_ReachesTheClient(bool resets, bool isOldConnection)
    {
        await using var env = await StartAsync();
        env.Origin.On("POST", "/refuses", async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge");
            await End(exchange, resets);
        });
        if (isOldConnection)
        {
            await env.GetAsync("/warm");
        }

        var response = await env.SendAsync("POST", "/refuses", new string('x', 8 * 1024 * 1024));

        Assert.Equal((413, "large"), (response.Status, response.Text));
    }

    /// <summary>Nobody takes it any more: its client is told, and not kept sending for as long as it has something to send.</summary>
    [Theory]
    [Fault("F-29", "An origin dies inside an upload, on a connection that had answered before, or asked for it (100): the upload ends there, with 502")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UploadWhoseOriginDies_EndsThere(bool isAskedFor)
    {
        await using var env = await StartAsync();
        env.Origin.On("POST", "/dies", async exchange =>
        {
            if (isAskedFor)
            {
                await exchange.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            }

            await exchange.Reader.CopyExactlyAsync(1024 * 1024, Stream.Null);
            exchange.Reset();
        });
        if (!isAskedFor)
        {
            await env.GetAsync("/warm");
        }

        Assert.Equal(502, (await UploadAsync(env, "/dies", "Transfer-Encoding: chunked", isAskedFor ? "Expect: 100-continue" : "X-Is: old")).Status);
    }

    [Theory]
    [Fault("F-35", "An answer to an upload that goes on for long, or has no end, and the origin takes no more of it: the client gets the answer at once")]
    [InlineData("Transfer-Encoding: chunked", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    [InlineData("Content-Length: 17000000000", false)]
    [InlineData("Content-Length: 17000000000", true)]
    [InlineData("Content-Length: 18000000000", true, 502)]
    public async Task AnswerInsideAnUpload_ReachesTheClientAtOnce(string framing, bool isOldConnection, int status = 413)
    {
        await using var env = await StartAsync();
        env.Origin.On("POST", "/refuses", async exchange =>
        {
            await exchange.Reader.CopyExactlyAsync(1024 * 1024, Stream.Null);
            await exchange.SendAsync("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge");
            exchange.Reset();
        });
        if (isOldConnection)
        {
            await env.GetAsync("/warm");
        }

        var response = await UploadAsync(env, "/refuses", framing);

        Assert.Equal((status, status == 413), (response.Status, response.Text == "large"));
    }

    /// <summary>What is written of a request when its answer has begun does not make the end of that answer the end of a connection without one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EarlyAnswerThatEndsWithItsConnection_IsWhole(bool isOldConnection)
    {
        await using var env = await StartAsync();
        env.Origin.On("POST", "/early", async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nearly");
            await exchange.Reader.CopyExactlyAsync(8 * 1024 * 1024, Stream.Null);
            env.Time.AdvanceSeconds(1);
            exchange.Close();
        });
        if (isOldConnection)
        {
            await env.GetAsync("/warm");
        }

        var response = await env.SendAsync("POST", "/early", new string('x', 8 * 1024 * 1024));

        Assert.Equal((200, "early", true), (response.Status, response.Text, response.Complete));
    }

    /// <summary>There the end of the connection is the end, whoever spoke last.</summary>
    [Fact]
    public async Task AnotherProtocol_EndsInGoodOrder()
    {
        using var log = new KeptLog();
        await using var env = await StartAsync(log);
        await using var client = await SwitchAsync(env, exchange =>
        {
            env.Time.AdvanceSeconds(1);
            exchange.Close();
        });

        await Deadline.Within(client.Reader.CopyToEndAsync(Stream.Null), "the end of the connection");
        await env.StopGatewayAsync();
        Assert.DoesNotContain(log.Of(Forwarder), entry => entry.Exception is not null);
    }

    /// <summary>What the test before would find.</summary>
    [Fact]
    public async Task AnotherProtocol_ThatBreaks_IsLogged()
    {
        using var log = new KeptLog();
        await using var env = await StartAsync(log);
        await using var client = await SwitchAsync(env, exchange => exchange.Reset());

        await Deadline.Until(() => Task.FromResult(log.Of(Forwarder).Any(entry => entry.Exception is not null)), "it is logged");
    }

    /// <summary>Two that speak by turns in small pieces would wait for each other for ever.</summary>
    [Fact]
    public async Task PieceOfARequest_GoesOnWhenItIsThere()
    {
        await using var env = await StartAsync();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        env.Origin.On("POST", "/pieces", async exchange =>
        {
            await exchange.Reader.ReadSomeAsync(1);
            first.SetResult();
            await exchange.Reader.ReadSomeAsync(1);
            await exchange.SendAsync(Reply.Ok("both"));
        });
        await using var client = await env.ConnectAsync();

        await client.SendAsync("POST /pieces HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 2\r\n\r\na");
        await Deadline.Within(first.Task, "the first piece");
        await client.SendAsync("b");

        Assert.Equal("both", (await client.ReadAsync("POST")).Text);
    }

    [Theory]
    [Covers("RFC 9112 6.3", "A 204 ends with its head, whatever its fields say of a length")]
    [Fault("F-35", "204 and 205 with a length: the sound part, which is the head")]
    [InlineData("GET", "204 No Content")]
    [InlineData("POST", "204 No Content")]
    [InlineData("HEAD", "204 No Content")]
    [InlineData("GET", "205 Reset Content")]
    [InlineData("POST", "205 Reset Content")]
    public async Task StatusWithoutContent_WithALength_IsPassedWithoutIt(string method, string status)
    {
        await using var env = await StartAsync();
        env.Origin.On(method, "/none", _ => Reply.Exactly($"HTTP/1.1 {status}\r\nContent-Length: 5\r\nX-Is: there\r\n\r\n{(status[2] == '5' && method != "HEAD" ? "12345" : "")}"));

        var response = await env.SendAsync(method, "/none");

        Assert.Equal((int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), "there", ""), (response.Status, response.Header("X-Is"), response.Text));
    }

    [Fact]
    public async Task ManySmallFields_AreTaken()
    {
        await using var env = await StartAsync();

        var response = await env.GetAsync("/warm", [.. Enumerable.Range(0, 300).Select(i => $"X-{i}: {i}")]);

        Assert.Equal(200, response.Status);
        Assert.Equal("299", env.Origin.Last("/warm").Header("X-299"));
    }

    /// <summary>Sends until it is answered.</summary>
    private static async Task<RawResponse> UploadAsync(GatewayEnvironment env, string target, params string[] lines)
    {
        var data = new string('x', 64 * 1024);
        var piece = lines[0].StartsWith("Content-Length", StringComparison.Ordinal) ? data : $"{data.Length:x}\r\n{data}\r\n";
        await using var client = await env.ConnectAsync();
        await client.SendAsync("POST", target, lines);
        var answer = client.ReadAsync("POST");
        try
        {
            while (!answer.IsCompleted)
            {
                await Task.WhenAny(answer, client.SendAsync(piece));
            }
        }
        catch (IOException)
        {
            // It takes no more, behind its answer.
        }

        return await answer;
    }

    private static Task End(OriginExchange exchange, bool resets)
    {
        if (resets)
        {
            exchange.Reset();
        }
        else
        {
            exchange.Close();
        }

        return Task.CompletedTask;
    }

    /// <summary>Four connections that have answered.</summary>
    private static async Task WarmAsync(GatewayEnvironment env)
    {
        env.Origin.On("POST", "/warm", _ => Reply.Ok("warm"));
        env.Origin.Hold("/warm");
        var warm = Enumerable.Range(0, 4).Select(_ => env.SendAsync("POST", "/warm", "")).ToArray();
        await env.Origin.Reached("/warm", 4);
        env.Origin.Release("/warm");
        await Task.WhenAll(warm);
    }

    /// <summary>A client that speaks another protocol with the origin, which ends it after the first byte.</summary>
    private static async Task<RawClient> SwitchAsync(GatewayEnvironment env, Action<OriginExchange> end)
    {
        env.Origin.On("GET", "/other", async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n");
            await exchange.Reader.CopyExactlyAsync(1, Stream.Null);
            end(exchange);
        });
        var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/other", ["Connection: Upgrade", "Upgrade: other"]);
        await client.ReadHeadAsync();
        await client.SendAsync("a");
        return client;
    }

    private static async Task<GatewayEnvironment> StartAsync(KeptLog? log = null)
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = log is null ? _ => { } : builder => builder.Logging.AddProvider(log).AddFilter(Forwarder, LogLevel.Debug),
        });
        env.Origin.Get("/warm", Reply.Ok("warm", "Cache-Control: no-store"));
        env.Origin.On(null, "/die", exchange =>
        {
            exchange.Close();
            return Task.CompletedTask;
        });
        return env;
    }
}
