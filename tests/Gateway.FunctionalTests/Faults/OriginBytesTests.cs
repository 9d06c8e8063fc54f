using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>An origin whose bytes are wrong: whatever it sends, nothing that is not whole is stored or looks whole, and the next request finds a sound connection.</summary>
public sealed class OriginBytesTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";

    [Theory]
    [Fault("F-27", "A body shorter than announced, ended by FIN or RST: the client sees an abnormal end, nothing is stored, the next request asks anew")]
    [InlineData("Content-Length: 10\r\n\r\nshort", "FIN")]
    [InlineData("Content-Length: 10\r\n\r\nshort", "RST")]
    [Fault("F-28", "Chunked bodies without their end, with garbage or impossible sizes: as a body that is too short")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "FIN")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX", "FIN")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello", "FIN")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n", "FIN")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", "FIN")]
    public async Task Body_ThatIsNotWhole_NeverLooksWhole(string rest, string ending)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly(Ok + rest, ending == "RST" ? ReplyEnding.Reset : ReplyEnding.Close), Reply.Ok("whole", Numbered.Fresh));

        var broken = await env.GetAsync("/x");
        var whole = await env.GetAsync("/x");

        Assert.True(!broken.Complete || broken.Status == 502, $"half a response that looks whole:\n{broken}");
        Assert.Equal((200, "whole", true), (whole.Status, whole.Text, whole.Complete));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    [Fault("F-27", "A body that stops half-way without an end: it is given up after the silence allowed, for all its readers, and not stored")]
    public async Task Body_ThatStalls_IsGivenUpAfterTheSilenceAllowed()
    {
        await using var env = await StartAsync(settings => settings with { OriginIdleTimeout = Deadline.Patience });
        env.Origin.Get("/x", Reply.Ok("half", Numbered.Fresh) with { Pieces = ["half", new Gate()], DeclaredLength = 100 });

        var answers = await Task.WhenAll(env.GetAsync("/x"), env.GetAsync("/x"));

        Assert.All(answers, answer => Assert.False(answer.Complete && answer.Status == 200, $"half a response that looks whole:\n{answer}"));
        env.Origin.Get("/x", Reply.Ok("whole", Numbered.Fresh));
        Assert.Equal("whole", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Fault("F-28", "Bytes after the last chunk: dropped with their connection, which serves nobody else")]
    public async Task BytesAfterTheLastChunk_NeverReachAnotherRequest()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly(
            Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 6\r\n\r\npoison",
            ReplyEnding.KeepAlive));
        env.Origin.Get("/y", Reply.Ok("y", Numbered.Fresh));

        Assert.Equal("hello", (await env.GetAsync("/x")).Text);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("y", (await env.GetAsync("/y")).Text);
        }
    }

    [Theory]
    [Fault("F-35", "Origins that break the protocol (wrong status, huge heads, a body where there is none): 502 or the part that is sound, nothing of it stored")]
    [InlineData("HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 abc Low\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GARBAGE\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")]
    public async Task Protocol_Broken_Is502_AndTheNextRequestIsAnswered(string bytes)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly(bytes, ReplyEnding.Close), Reply.Ok("sound", Numbered.Fresh));

        Assert.Equal(502, (await env.GetAsync("/x")).Status);
        Assert.Equal("sound", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Fault("F-35", "A response head of a megabyte: 502, not memory")]
    public async Task Head_OfAMegabyte_Is502()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly(Ok + $"X-Big: {new string('x', 1 << 20)}\r\nContent-Length: 0\r\n\r\n"));

        Assert.Equal(502, (await env.GetAsync("/x")).Status);
    }

    [Fact]
    [Fault("F-35", "A body after 204: it is no part of the answer, and none of the next one")]
    public async Task BodyAfter204_IsNoPartOfAnything()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", ReplyEnding.KeepAlive));
        env.Origin.Get("/y", Reply.Ok("y", "Cache-Control: no-store"));

        Assert.Equal(204, (await env.GetAsync("/x")).Status);
        Assert.Equal("y", (await env.GetAsync("/y")).Text);
    }

    [Theory]
    [Fault("F-29", "The origin resets before, inside or after the head: one retry where nothing of an answer had come, else 502 or a cut; never stored")]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(120)]
    public async Task Reset_AtAnyPlace_IsNeverStored(int after)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var proxy = FaultProxy.Before(env.Origin.Port);
        await using var gateway = await StartAsync(settings => settings with { Origin = proxy.Url.ToString() });
        env.Origin.Get("/x", Reply.Ok(new string('x', 500), Numbered.Fresh));
        proxy.ToClient.ResetAfter = after;

        var broken = await gateway.GetAsync("/x");
        proxy.ToClient.ResetAfter = null;
        var whole = await gateway.GetAsync("/x");

        Assert.True(broken.Status == 502 || !broken.Complete, $"expected a 502 or a cut:\n{broken}");
        Assert.True(proxy.Resets is 1 or 2, $"{proxy.Resets} resets");
        Assert.Equal((200, 500), (whole.Status, whole.Body.Length));
    }

    [Theory]
    [Fault("F-29", "The origin closes an idle connection just when the next request is written: GET is sent again, POST never")]
    [InlineData("GET", 200, 2)]
    [InlineData("POST", 502, 1)]
    public async Task IdleConnection_ClosedUnderTheRequest(string method, int status, int seen)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/warm", Reply.Ok("warm", "Cache-Control: no-store"));
        var asked = 0;
        env.Origin.On(method, "/x", async exchange =>
        {
            await exchange.ReadBodyAsync();
            if (Interlocked.Increment(ref asked) == 1)
            {
                exchange.Reset();
            }
            else
            {
                await exchange.SendAsync(Reply.Ok("answer", "Cache-Control: no-store"));
            }
        });
        await env.GetAsync("/warm");

        var answer = await env.SendAsync(method, "/x", method == "POST" ? "body" : null);

        Assert.Equal((status, seen), (answer.Status, env.Origin.Requests("/x")));
    }

    private static Task<GatewayEnvironment> StartAsync(Func<Hosting.GatewaySettings, Hosting.GatewaySettings> settings) =>
        GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings });
}
