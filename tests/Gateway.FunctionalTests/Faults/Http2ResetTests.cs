using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>
/// A stream of HTTP/2 is given up (RST_STREAM) while its connection lives on: by the origin inside its answer, and by clients that have enough.
/// The body says nothing of its own end here, so that only the reset tells that something is missing.
/// </summary>
public sealed class Http2ResetTests
{
    private const string MaxAge = "max-age=60";
    private const string Half = "half";
    private const int NoError = 0, ProtocolError = 1, InternalError = 2, RefusedStream = 7, Cancel = 8;

    [Theory]
    [Fault("F-27", "An HTTP/2 origin resets its stream inside a body: each client sees an abnormal end, on HTTP/1.1 and HTTP/2, those who waited as well; nothing is stored, the next request asks anew")]
    [InlineData(NoError, null)]
    [InlineData(NoError, 100L)]
    [InlineData(ProtocolError, null)]
    [InlineData(InternalError, null)]
    [InlineData(InternalError, 100L)]
    [InlineData(Cancel, null)]
    [InlineData(Cancel, 100L)]
    public async Task OriginResetsInsideTheBody_NobodySeesAWhole_AndNothingIsKept(int code, long? length)
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        var (head, cut) = (new Gate(), new Gate());
        origin.On("/x", async exchange =>
        {
            if (exchange.Number == 1)
            {
                await head.WaitAsync("the head may go");
                await exchange.BeginAsync(Half, MaxAge, length);
                await cut.WaitAsync("the stream may be reset");
                exchange.Reset(code);
            }
            else
            {
                await exchange.BeginAsync("whole", MaxAge);
            }
        });
        await using var leader = await env.ConnectAsync();
        await leader.SendAsync("GET", "/x", []);
        await origin.ReachedAsync("/x");
        await using var follower = await env.ConnectAsync();
        await follower.SendAsync("GET", "/x", []);
        await using var other = await H2Client.ConnectAsync(env.Addresses[1]);
        await other.GetAsync(1, env.Address.Authority, "/x");
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 2);

        head.Open();
        await HasHalfAsync(leader, length);
        await HasHalfAsync(follower, length);
        await other.SomeOfAsync(1, Half.Length);
        cut.Open();

        await IsCutAsync(leader, length);
        await IsCutAsync(follower, length);
        Assert.Equal("reset", await other.EndOfAsync(1));
        Assert.Equal(1, origin.Requests("/x"));
        var whole = await env.GetAsync("/x");
        CacheAssert.Miss(whole);
        Assert.Equal((200, "whole", true), (whole.Status, whole.Text, whole.Complete));
        await other.GetAsync(3, env.Address.Authority, "/x");
        Assert.Equal("whole", await other.EndOfAsync(3));
        Assert.Equal((2, 1), (origin.Requests("/x"), origin.Connections));
        Assert.Equal(1, await env.MetricAsync("cachegateway_not_stored_total{policy=\"transparent\",reason=\"response-incomplete\"}"));
    }

    [Theory]
    [Fault("F-27", "An HTTP/2 origin resets its stream inside an answer that is passed on unseen, as to a write: the client sees an abnormal end")]
    [InlineData(NoError)]
    [InlineData(InternalError)]
    [InlineData(Cancel)]
    public async Task OriginResetsInsideAnAnswerThatIsPassedOn_TheClientSeesIt(int code)
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        var cuts = new[] { new Gate(), new Gate() };
        origin.On("/x", async exchange =>
        {
            await exchange.BeginAsync(Half, MaxAge);
            await cuts[exchange.Number - 1].WaitAsync("the stream may be reset");
            exchange.Reset(code);
        });
        await using var first = await env.ConnectAsync();
        await first.SendAsync("POST", "/x", [], "body");
        await first.ReadHeadAsync();
        cuts[0].Open();
        await Assert.ThrowsAnyAsync<IOException>(() => Deadline.Within(first.Reader.CopyChunkedAsync(Stream.Null), "the end"));

        await using var second = await H2Client.ConnectAsync(env.Addresses[1]);
        await second.SendAsync(H2Client.Headers, H2Client.EndHeaders | H2Client.EndStream, 1, H2Client.Block(":method: POST", ":scheme: http", $":authority: {env.Address.Authority}", ":path: /x"));
        await second.SomeOfAsync(1, Half.Length);
        cuts[1].Open();
        Assert.Equal("reset", await second.EndOfAsync(1));
    }

    [Theory]
    [Fault("F-29", "An HTTP/2 origin resets its stream before the head: a GET is sent once more where the origin says that it did nothing with it, else 502; a write that it had is never sent again; nothing is stored")]
    [InlineData("GET", RefusedStream, 200, 2)]
    [InlineData("GET", InternalError, 502, 1)]
    [InlineData("GET", Cancel, 502, 1)]
    [InlineData("GET", NoError, 502, 1)]
    [InlineData("POST", InternalError, 502, 1)]
    [InlineData("POST", Cancel, 502, 1)]
    public async Task OriginResetsBeforeTheHead_IsRetriedOrTold(string method, int code, int status, int seen)
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        origin.On("/x", async exchange =>
        {
            if (exchange.Number == 1)
            {
                exchange.Reset(code);
            }
            else
            {
                await exchange.BeginAsync("whole", MaxAge);
            }
        });

        var answer = await env.SendAsync(method, "/x", method == "POST" ? "body" : null);

        Assert.Equal((status, seen, true), (answer.Status, origin.Requests("/x"), answer.Complete));
        Assert.Equal("whole", (await env.GetAsync("/x")).Text);
        Assert.Equal(1, origin.Connections);
    }

    /// <summary>The end of the exchange and of the reading for it race each other: many of them, so that each wins.</summary>
    [Theory]
    [Fault("F-29", "An HTTP/2 origin resets its stream while a client still sends its body: 502, not the client's fault")]
    [InlineData(InternalError)]
    [InlineData(Cancel)]
    public async Task OriginResetsInsideTheRequest_IsNotTheClientsFault(int code)
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        origin.On("/x", exchange =>
        {
            exchange.Reset(code);
            return Task.CompletedTask;
        });

        for (var i = 0; i < 100; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync("POST /x HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 100\r\n\r\nhalf");
            var answer = await client.ReadAsync("POST");
            Assert.True((answer.Status, answer.CacheStatus?.Detail) is (502, "origin-unreachable"), $"request {i}: {answer}");
        }

        Assert.Equal(100, origin.Requests("/x"));
    }

    /// <summary>Where in the upload it ends is a matter of luck: many of them.</summary>
    [Theory]
    [InlineData(401)]
    [InlineData(413)]
    [InlineData(303)]
    [InlineData(204)]
    public async Task OriginAnswersWithoutReadingTheRequest_ItsAnswerGoesOn(int status)
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        origin.On("/x", exchange =>
        {
            exchange.Answer(status, "no-store");
            return Task.CompletedTask;
        });
        // Longer than what an HTTP/2 origin lets come before it reads.
        var body = new byte[4 * 1024 * 1024];

        for (var i = 0; i < 20; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync($"POST /x HTTP/1.1\r\nHost: gw.test\r\nContent-Length: {body.Length}\r\n\r\n");
            var uploading = UploadAsync(client, body);

            var answer = await client.ReadAsync("POST");

            Assert.True((answer.Status, answer.Header("Cache-Control"), answer.CacheStatus?.Detail) == (status, "no-store", "method-unsafe"), $"request {i}: {answer}");
            await client.DisposeAsync();
            await uploading;
        }
    }

    [Fact]
    [Fault("F-31", "The client that caused a fetch gives up its HTTP/2 stream while others read, on its own connection too: they get the whole, it is stored, the origin was asked once")]
    public async Task LeaderResetsItsStream_FollowersGetTheWhole()
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        var (first, rest) = (new string('x', 4000), new string('y', 4000));
        var go = new Gate();
        origin.On("/slow", async exchange =>
        {
            await exchange.BeginAsync(first, MaxAge);
            await go.WaitAsync("the rest may go");
            await exchange.SendAsync(rest);
        });
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);
        await client.GetAsync(1, env.Address.Authority, "/slow");
        await client.SomeOfAsync(1, first.Length);
        await client.GetAsync(3, env.Address.Authority, "/slow");
        await client.SomeOfAsync(3, first.Length);
        var others = Enumerable.Range(0, 8).Select(_ => env.GetAsync("/slow")).ToArray();

        await client.ResetAsync(1);
        go.Open();

        Assert.Equal(first + rest, await client.EndOfAsync(3));
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal((200, first + rest, true), (answer.Status, answer.Text, answer.Complete)));
        CacheAssert.Hit(await env.GetAsync("/slow"));
        Assert.Equal(1, origin.Requests("/slow"));
    }

    [Fact]
    [Fault("F-31", "The only client gives up its HTTP/2 stream: what may be stored is fetched to its end and stored")]
    public async Task OnlyClientResetsItsStream_WhatMayBeStoredIs()
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        var go = new Gate();
        origin.On("/slow", async exchange =>
        {
            await exchange.BeginAsync("first ", MaxAge);
            await go.WaitAsync("the rest may go");
            await exchange.SendAsync("rest");
        });
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);
        await client.GetAsync(1, env.Address.Authority, "/slow");
        await client.SomeOfAsync(1, 1);

        await client.ResetAsync(1);
        go.Open();

        await env.UntilMetric("cachegateway_memory_entries", count => count == 1);
        var hit = await env.GetAsync("/slow");
        CacheAssert.Hit(hit);
        Assert.Equal(("first rest", 1), (hit.Text, origin.Requests("/slow")));
    }

    [Fact]
    [Fault("F-31", "The only client gives up its HTTP/2 stream: the origin is let go at once where nobody else may have the answer, on a connection that others go on with")]
    public async Task OnlyClientResetsItsStream_ThePrivateFetchEnds()
    {
        await using var origin = await Http2Origin.StartAsync();
        await using var env = await StartAsync(origin);
        origin.On("/slow", async exchange =>
        {
            await exchange.BeginAsync("first", "no-store");
            await exchange.GoneAsync();
        });
        origin.On("/y", exchange => exchange.BeginAsync("y", MaxAge));
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);
        await client.GetAsync(1, env.Address.Authority, "/slow");
        await client.SomeOfAsync(1, 1);
        var slow = await origin.ReachedAsync("/slow");

        await client.ResetAsync(1);

        await slow.GoneAsync();
        await client.GetAsync(3, env.Address.Authority, "/y");
        Assert.Equal("y", await client.EndOfAsync(3));
        Assert.Equal(1, origin.Connections);
    }

    /// <summary>What the other side does not take any more is no matter.</summary>
    private static async Task UploadAsync(RawClient client, byte[] body)
    {
        try
        {
            await client.SendAsync(body);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Reads the head and the first half: a client that is cut off before has nothing to be misled by.</summary>
    private static async Task HasHalfAsync(RawClient client, long? length)
    {
        var (statusLine, _) = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 200 ", statusLine, StringComparison.Ordinal);
        if (length is null)
        {
            Assert.Equal($"{Half.Length:x}", await Deadline.Within(client.Reader.ReadLineAsync(), "the size of the first chunk"));
        }

        using var body = new MemoryStream();
        await Deadline.Within(client.Reader.CopyExactlyAsync(Half.Length, body), "the first half");
        Assert.Equal(Half, Encoding.ASCII.GetString(body.ToArray()));
    }

    /// <summary>The connection ends before the body does: FIN in its middle, or RST.</summary>
    private static async Task IsCutAsync(RawClient client, long? length)
    {
        async Task RestAsync()
        {
            if (length is { } announced)
            {
                await client.Reader.CopyExactlyAsync(announced - Half.Length, Stream.Null);
                return;
            }

            await client.Reader.ReadLineAsync();
            await client.Reader.CopyChunkedAsync(Stream.Null);
        }

        await Assert.ThrowsAnyAsync<IOException>(() => Deadline.Within(RestAsync(), "the end of the connection"));
    }

    private static Task<GatewayEnvironment> StartAsync(Http2Origin origin) => GatewayEnvironment.StartAsync(new EnvironmentOptions
    {
        Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true, H2cUrls = ["http://127.0.0.1:0"] },
        // As the origin's, which dates its answers.
        Configure = builder => builder.Services.AddSingleton(TimeProvider.System),
    });
}
