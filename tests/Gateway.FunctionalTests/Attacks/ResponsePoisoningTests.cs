using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Groups A and B: an answer made for one odd request must not become the answer for everybody.</summary>
public sealed class ResponsePoisoningTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Theory]
    [Attack("B01", "Header sections larger than the origin takes")]
    [Attack("B02", "Control characters that only the origin refuses")]
    [Attack("B04", "A transfer coding that only the origin refuses")]
    [Attack("B05", "A range that makes the origin refuse")]
    [Attack("B06", "Negotiation that makes the origin refuse")]
    [Attack("B08", "Expect, Upgrade and Max-Forwards")]
    [Attack("B09", "Names and targets that only the origin refuses")]
    [Attack("B10", "Bad credentials")]
    [InlineData(400, "X-Oversized: <8k>")]
    [InlineData(431, "X-Oversized-1: <8k>\r\nX-Oversized-2: <8k>\r\nX-Oversized-3: <8k>")]
    [InlineData(400, "X-Metachar: \u0080\u00ff")]
    [InlineData(416, "Range: bytes=cow")]
    [InlineData(416, "Range: bytes=9-4")]
    [InlineData(416, "Range: cows=0-1")]
    [InlineData(416, "Range: bytes=99999999999999999999-")]
    [InlineData(406, "Accept: none/none")]
    [InlineData(406, "Accept-Language: ../../")]
    [InlineData(406, "Accept-Encoding: *;q=0")]
    [InlineData(415, "Content-Type: x")]
    [InlineData(400, "Upgrade: h9")]
    [InlineData(400, "Max-Forwards: 0")]
    [InlineData(400, "Origin: null")]
    [InlineData(400, "Authorization: Basic !!!")]
    [InlineData(401, "Authorization: Basic !!!")]
    [InlineData(403, "Cookie: a=\"b")]
    [InlineData(405, "X-Anything: x")]
    [InlineData(414, "X-Anything: x")]
    [InlineData(429, "X-Anything: x")]
    [InlineData(451, "X-Anything: x")]
    [InlineData(500, "X-Anything: x")]
    [InlineData(501, "X-Anything: x")]
    [InlineData(503, "X-Anything: x")]
    public async Task Error_CausedByOne_IsNotServedToAnother(int status, string lines)
    {
        var env = gateway.Environment;
        var path = gateway.Page(request => request.PathNumber == 1 ? Reply.Of(status, "error", "Cache-Control: public, max-age=60") : Reply.Ok("good", Numbered.Fresh));

        await env.GetAsync(path, ["Host: gw.test", .. lines.Replace("<8k>", new string('b', 8000), StringComparison.Ordinal).Split("\r\n")]);
        var victim = await env.GetAsync(path, "Host: gw.test");

        Assert.Equal((200, "good"), (victim.Status, victim.Text));
    }

    [Fact]
    [Attack("B01", "Header sections larger than the origin takes")]
    [Attack("E13", "Header bombs")]
    public async Task HeaderSection_BeyondTheLimit_IsRefusedHere()
    {
        var env = gateway.Environment;
        var big = string.Concat(Enumerable.Range(0, 20).Select(i => $"X-Oversized-{i}: {new string('0', 2000)}\r\n"));
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: gw.test\r\n{big}\r\n", 431, 400);
        var many = string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: 0\r\n"));
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: gw.test\r\n{many}\r\n", 431, 400);
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Fact]
    [Attack("B01", "Header sections larger than the origin takes")]
    public async Task HeaderSection_BeyondWhatTheOperatorSays_IsRefusedHere()
    {
        await using var env = await Wire.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MaxHeaderBytes = 8 * 1024 } });
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: gw.test\r\nX-Big: {new string('0', 9000)}\r\n\r\n", 431, 400);
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("B09", "Names and targets that only the origin refuses")]
    [InlineData(40_000)]
    [InlineData(100_000)]
    public async Task Target_BeyondTheLimit_IsRefusedHere(int length)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"GET /{new string('p', length)} HTTP/1.1\r\nHost: gw.test\r\n\r\n", 414);
    }

    [Theory]
    [Attack("D21", "Field names that alias others")]
    [InlineData(40_000)]
    [InlineData(70_000)]
    public async Task Name_BeyondTheLimit_IsRefusedHere(int length)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: gw.test\r\n{new string('n', length)}: v\r\n\r\n", 431, 400);
    }

    [Theory]
    [Attack("B02", "Control characters that only the origin refuses")]
    [InlineData("a\u0007b")]
    [InlineData("a\0b")]
    [InlineData("a\vb")]
    [InlineData("a\fb")]
    [InlineData("a\u001bb")]
    [InlineData("a\u007fb")]
    [InlineData("\"\r\"")]
    public async Task ControlCharacter_InAValue_IsRefusedHere(string value)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: gw.test\r\nX-Metachar: {value}\r\n\r\n", 400);
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("B04", "A transfer coding that only the origin refuses")]
    [InlineData("Transfer-Encoding: asdf")]
    [InlineData("transfer-encoding: chunked-false")]
    public async Task TransferCoding_Unknown_IsRefusedHere(string line)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: gw.test\r\n{line}\r\n\r\n", 400, 501);
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("B08", "Expect, Upgrade and Max-Forwards")]
    [InlineData("Expect: asdf")]
    [InlineData("Expect: 100-continue, x")]
    [InlineData("Expect: 200-ok")]
    public async Task Expectation_ThatNobodyMeets_IsRefusedHere(string line)
    {
        var env = gateway.Environment;
        await Wire.IsRefusedAsync(env, $"GET /x HTTP/1.1\r\nHost: gw.test\r\n{line}\r\n\r\n", 417);
        Assert.Equal(0, env.Origin.Requests("/x"));
    }

    [Fact]
    [Attack("B06", "Negotiation that makes the origin refuse")]
    public async Task ContentType_OfARequestWithoutContent_DoesNotReachTheOrigin()
    {
        await using var env = await Wire.StartAsync();

        await env.GetAsync("/x", "Content-Type: invalid");
        await env.GetAsync("/y", "Content-Type: invalid", "Cookie: a=b");

        Assert.All(env.Origin.Log, request => Assert.False(request.Has("Content-Type")));
    }

    [Theory]
    [Attack("H04", "TRACE that shows what must stay hidden")]
    [Attack("B08", "Expect, Upgrade and Max-Forwards")]
    [InlineData("TRACE / HTTP/1.1", 405)]
    [InlineData("TRACK / HTTP/1.1", 405)]
    [InlineData("CONNECT evil.test:443 HTTP/1.1", 405)]
    public async Task Trace_AndTunnels_AreRefused(string line, int status)
    {
        var env = gateway.Environment;
        var host = line.StartsWith("CONNECT", StringComparison.Ordinal) ? "evil.test:443" : "gw.test";
        await Wire.IsRefusedAsync(env, $"{line}\r\nHost: {host}\r\nCookie: secret\r\n\r\n", status);
    }

    [Fact]
    [Covers("RFC 9110 15.5.6", "405 says which methods are allowed")]
    public async Task Trace_IsToldWhatIsAllowed()
    {
        await using var env = await Wire.StartAsync();

        Assert.Contains("GET", (await env.SendAsync("TRACE", "/x")).Header("Allow"), StringComparison.Ordinal);
    }

    [Theory]
    [Attack("H04", "TRACE that shows what must stay hidden")]
    [InlineData("0", 204, null)]
    [InlineData("1", 200, "0")]
    [InlineData("70", 200, "69")]
    [InlineData("99999999999999999999", 200, "4294967294")]
    [InlineData("x", 400, null)]
    [InlineData("-1", 400, null)]
    public async Task MaxForwards_OfOptions_IsCountedDown(string value, int status, string? seen)
    {
        await using var env = await Wire.StartAsync();

        var answer = await env.SendAsync("OPTIONS", "/x", null, $"Max-Forwards: {value}");

        Assert.Equal(status, answer.Status);
        Assert.Equal(seen, env.Origin.LogOf("/x").SingleOrDefault()?.Header("Max-Forwards"));
    }

    [Theory]
    [Attack("A02", "X-Forwarded-Proto and -Scheme, unkeyed")]
    [InlineData("X-Forwarded-Scheme: nothttps")]
    [InlineData("X-Forwarded-Proto: https")]
    [InlineData("X-Forwarded-SSL: off")]
    public async Task Redirect_OfOne_IsNotTheLoopOfAll(string line)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => request.HeaderLines.Any(field => field.Contains("https", StringComparison.Ordinal) || field.Contains("SSL", StringComparison.OrdinalIgnoreCase))
            ? Reply.Of(301, "", "Location: https://gw.test/x", Numbered.Fresh) : Reply.Ok("page", Numbered.Fresh));

        await env.GetAsync("/x", "Host: gw.test", line);

        Assert.Equal(200, (await env.GetAsync("/x", "Host: gw.test")).Status);
    }

    [Theory]
    [Attack("A29", "Parts that become the whole")]
    [InlineData("Range: bytes=0-0", 206, "Content-Range: bytes 0-0/100")]
    [InlineData("Range: bytes=0-0,1-1", 206, "Content-Type: multipart/byteranges; boundary=x")]
    [InlineData("X: unasked", 206, "Content-Range: bytes 0-0/100")]
    [InlineData("X: unasked", 206, "X: no range at all")]
    [InlineData("Range: bytes=500-", 416, "Content-Range: bytes */100")]
    public async Task Part_OfOne_IsNotTheWholeOfAnother(string line, int status, string field)
    {
        var env = gateway.Environment;
        var path = gateway.Page(request => request.PathNumber == 1 ? Reply.Of(status, "x", Numbered.Fresh, field) : Reply.Ok(new string('w', 100), Numbered.Fresh));

        await env.GetAsync(path, line);

        Assert.Equal((200, 100), ((await env.GetAsync(path)).Status, (await env.GetAsync(path)).Body.Length));
    }

    [Theory]
    [Attack("A38", "Cache directives of one client that speak for others")]
    [InlineData("Cache-Control: max-age=99999, public")]
    [InlineData("Cache-Control: only-if-cached")]
    [InlineData("Surrogate-Control: max-age=99999")]
    [InlineData("CDN-Cache-Control: max-age=99999")]
    [InlineData("Cache-Tag: all")]
    [InlineData("Cache-Status: evil; hit")]
    [InlineData("Age: 99999")]
    public async Task Directives_OfARequest_DoNotMakeAnAnswerStorable(string line)
    {
        var env = gateway.Environment;
        var path = gateway.Page(request => Reply.Ok($"{request.PathNumber}"));

        await env.GetAsync(path, "Host: gw.test", line);
        var victim = await env.GetAsync(path, "Host: gw.test");

        CacheAssert.Miss(victim);
        Assert.False(victim.CacheStatus!.IsHit);
    }

    [Fact]
    [Attack("A32", "Forced revalidation of hot keys")]
    public async Task ReloadFlood_CostsTheOriginOneCallPerSecond()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/hot", Numbered.Fresh);
        await env.GetAsync("/hot", "Host: gw.test");
        string[] reloads = ["Cache-Control: no-cache", "Pragma: no-cache", "Cache-Control: max-age=0"];

        for (var second = 0; second < 3; second++)
        {
            env.Time.AdvanceSeconds(1.5);
            await Task.WhenAll(Enumerable.Range(0, 60).Select(i => env.GetAsync("/hot", "Host: gw.test", reloads[i % 3])));
        }

        Assert.InRange(env.Origin.Requests("/hot"), 1, 4);
    }

    [Fact]
    [Attack("A25", "Schemes, hosts and routes that share a key")]
    [Attack("A39", "Another port of the same host")]
    public async Task Ports_OfOneHost_AreKeptApart()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Ok(request.Header("Host")!, Numbered.Fresh));

        Assert.Equal("gw.test:1337", (await env.GetAsync("/x", "Host: gw.test:1337")).Text);
        Assert.Equal("gw.test", (await env.GetAsync("/x", "Host: gw.test")).Text);
        Assert.Equal("gw.test:1337", (await env.GetAsync("/x", "Host: gw.test:1337")).Text);
    }

    [Theory]
    [Attack("A24", "Codings that a client refuses")]
    [InlineData("br", "")]
    [InlineData("br", "Accept-Encoding: br;q=0")]
    [InlineData("br", "Accept-Encoding: identity")]
    [InlineData("br", "Accept-Encoding: gzip")]
    [InlineData("gzip", "Accept-Encoding: *;q=0")]
    [InlineData("zzz", "Accept-Encoding: br")]
    public async Task Coding_ThatAClientRefuses_IsNotServed(string coding, string line)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/c", request => request.Header("Accept-Encoding") == coding
            ? Reply.Ok("coded", Numbered.Fresh, $"Content-Encoding: {coding}", "Vary: Accept-Encoding")
            : Reply.Ok("plain", Numbered.Fresh, "Vary: Accept-Encoding"));
        await env.GetAsync("/c", $"Accept-Encoding: {coding}");

        var victim = line.Length == 0 ? await env.GetAsync("/c") : await env.GetAsync("/c", line);

        Assert.Equal("plain", victim.Text);
        Assert.False(victim.Has("Content-Encoding"));
    }
}
