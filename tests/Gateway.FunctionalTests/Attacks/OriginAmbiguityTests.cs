using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group D, the other side: answers of an origin that two readers could cut at two places are no answers.</summary>
public sealed class OriginAmbiguityTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private const string Ok = "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\n";

    [Theory]
    [Attack("D17", "An origin's answer with an ambiguous end")]
    [InlineData(Ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(Ok + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Ok + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
    [InlineData(Ok + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData(Ok + "Content-Length: 3, 3\r\n\r\nabc")]
    [InlineData(Ok + "Content-Length: foo\r\n\r\nabc")]
    [InlineData(Ok + "Content-Length: -3\r\n\r\nabc")]
    [InlineData(Ok + "Content-Length: +3\r\n\r\nabc")]
    [InlineData(Ok + "Content-Length: 0x3\r\n\r\nabc")]
    [InlineData(Ok + "Content-Length: 99999999999999999999\r\n\r\nabc")]
    [InlineData(Ok + "Transfer-Encoding: foo\r\n\r\nabc")]
    [InlineData(Ok + "Transfer-Encoding: identity\r\n\r\nabc")]
    [InlineData(Ok + "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: \vchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.1 abc\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.1 099 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("ICY 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/3.7 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nabc")]
    [InlineData(Ok + "no colon here\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData(Ok + ": no name\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF1\r\nabc\r\n0\r\n\r\n")]
    public async Task Answer_WithAnAmbiguousEnd_Is502AndNothingIsStored(string bytes)
    {
        var env = gateway.Environment;
        var path = gateway.Page(request => request.PathNumber == 1 ? Reply.Exactly(bytes) : Reply.Ok("good", Numbered.Fresh));

        var first = await env.GetAsync(path, "Host: gw.test");
        var second = await env.GetAsync(path, "Host: gw.test");

        Assert.True(first.Status == 502 || first.Text == "good", $"{bytes}\n=> {first}");
        Assert.Equal("good", second.Text);
    }

    [Theory]
    [Attack("D17", "An origin's answer with an ambiguous end")]
    [InlineData(Ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(Ok + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
    [InlineData(Ok + "Transfer-Encoding: foo\r\n\r\nabc")]
    public async Task Answer_WithAnAmbiguousEnd_Is502ForOtherMethodsToo(string bytes)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("POST", "/x", _ => Reply.Exactly(bytes));

        Assert.Equal(502, (await env.SendAsync("POST", "/x", "body")).Status);
    }

    [Theory]
    [Attack("D24", "An origin that answers twice")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nCache-Control: max-age=60\r\n\r\nx")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task AnswerBehindAnAnswer_IsNotTheNextOnes(string first)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/first", Reply.Exactly($"{first}HTTP/1.1 200 OK\r\nContent-Length: 4\r\nCache-Control: max-age=60\r\n\r\nevil", ReplyEnding.KeepAlive));
        env.Origin.Get("/second", Reply.Ok("good", Numbered.Fresh));

        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync($"/first?{i}", "Host: gw.test");
            var victim = await env.GetAsync($"/second?{i}", "Host: gw.test");
            Assert.True(victim.Text == "good" || victim.Status == 502, $"{victim}");
        }
    }

    [Theory]
    [Attack("D18", "Line ends that an encoding hides")]
    [InlineData("/r?u=%0d%0aSet-Cookie:x=1%0d%0aX:")]
    [InlineData("/r%0d%0aSet-Cookie:x=1")]
    [InlineData("/r?u=%0aSet-Cookie:x=1")]
    [InlineData("/r?u=%E5%98%8D%E5%98%8ASet-Cookie:x=1")]
    public async Task EncodedLineEnds_AreNeverDecodedIntoAField(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/*", request => Reply.Of(302, "", $"Location: https://gw.test{request.Target}", $"Cache-Tag: {request.Target.Length}", Numbered.Fresh));

        foreach (var answer in new[] { await env.GetAsync(target), await env.GetAsync(target), await env.SendAsync("POST", target, "x") })
        {
            Assert.False(answer.Has("Set-Cookie"));
            Assert.Equal($"https://gw.test{target}", answer.Header("Location"));
        }

        Assert.Equal(target, env.Origin.Log[0].Target);
    }

    [Theory]
    [Attack("D25", "Control characters in an origin's fields")]
    [InlineData("X: a\0b")]
    [InlineData("X: a\u0007b")]
    [InlineData("X: a\u007fb")]
    [InlineData("Location: /a\0b")]
    [InlineData("Content-Type: text/\u0001")]
    [InlineData("ETag: \"\u0002\"")]
    [InlineData("Bad\\Name: x")]
    [InlineData("Bad Name: x")]
    public async Task ControlCharacters_OfTheOrigin_NeitherReachClientsNorHarmTheGateway(string field)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly($"{Ok}{field}\r\nContent-Length: 3\r\n\r\nabc", ReplyEnding.KeepAlive));
        env.Origin.Get("/alive", Reply.Ok("good"));

        for (var i = 0; i < 2; i++)
        {
            var answer = await env.GetAsync("/x", "Host: gw.test");
            Assert.All(answer.HeaderLines, line => Assert.DoesNotContain(line, c => c is < ' ' or '\u007f' and not '\t'));
            Assert.DoesNotContain(answer.HeaderLines, line => line.StartsWith("Bad", StringComparison.Ordinal));
        }

        Assert.Equal("good", (await env.GetAsync("/alive")).Text);
    }

    [Theory]
    [Attack("D20", "Trailers that pose as fields")]
    [InlineData("Cache-Control: public, max-age=9999")]
    [InlineData("Set-Cookie: sid=evil")]
    [InlineData("Content-Length: 99")]
    [InlineData("Location: https://evil.test/")]
    [InlineData("Cache-Tag: evil")]
    public async Task Trailers_OfTheOrigin_NeitherDecideNorAreStored(string trailer)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/quiet", request => Reply.Chunked([$"{request.PathNumber}"], "X: none") with { Trailers = [trailer] });
        env.Origin.Get("/stored", request => Reply.Chunked([$"{request.PathNumber}"], Numbered.Fresh) with { Trailers = [trailer] });

        await env.GetAsync("/quiet");
        await env.GetAsync("/stored");

        Assert.Equal("2", (await env.GetAsync("/quiet")).Text);
        var hit = await env.GetAsync("/stored");
        Assert.Equal("1", hit.Text);
        Assert.DoesNotContain(hit.HeaderLines, line => line.Contains("evil", StringComparison.Ordinal) || line.Contains("99", StringComparison.Ordinal));
    }

    [Fact]
    [Attack("E13", "Header bombs")]
    public async Task HeaderBomb_OfTheOrigin_Is502()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/large", Reply.Ok("x", [Numbered.Fresh, .. Enumerable.Range(0, 20).Select(i => $"X-{i}: {new string('b', 50_000)}")]));
        env.Origin.Get("/alive", Reply.Ok("good"));

        Assert.Equal(502, (await env.GetAsync("/large")).Status);
        Assert.Equal(502, (await env.GetAsync("/large")).Status);
        Assert.Equal("good", (await env.GetAsync("/alive")).Text);
    }
}
