namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group D, the head: messages that two readers could cut at two places.</summary>
public sealed class FramingTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private const string Post = "POST /a HTTP/1.1\r\nHost: gw.test\r\n";

    [Theory]
    [Attack("D01", "Content-Length and Transfer-Encoding")]
    [InlineData("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG")]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("content-length:0\r\ntransfer-encoding:CHUNKED\r\n\r\n0\r\n\r\n")]
    public async Task BothLengths_AreRefused(string rest) => await RefusedAsync(Post + rest);

    [Fact]
    [Attack("D02", "Transfer-Encoding and Content-Length with a request inside")]
    public async Task BothLengths_TheOtherWayRound_AreRefused() =>
        await RefusedAsync(Post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2a\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX: \r\n0\r\n\r\n");

    [Theory]
    [Attack("D03", "Several Content-Lengths")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5")]
    [InlineData("Content-Length: 5\r\ncontent-length: 0")]
    [InlineData("Content-Length: 5, 5")]
    [InlineData("Content-Length: 5,6")]
    public async Task SeveralLengths_AreRefused(string lines) => await RefusedAsync($"{Post}{lines}\r\n\r\nhello!");

    [Theory]
    [Attack("D04", "Content-Length in disguise")]
    [InlineData("+5")]
    [InlineData("-0")]
    [InlineData("-5")]
    [InlineData("0x5")]
    [InlineData("5e0")]
    [InlineData("5.0")]
    [InlineData("05")]
    [InlineData("00")]
    [InlineData("5 5")]
    [InlineData("5,")]
    [InlineData("\v5")]
    [InlineData("5\f")]
    [InlineData("\"5\"")]
    [InlineData("5;q=1")]
    [InlineData("")]
    [InlineData("five")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551621")]
    [InlineData("4294967301 ,")]
    [InlineData("\u00b2")]
    [InlineData("\u00a05")]
    public async Task Length_ThatIsNoPlainNumber_IsRefused(string value) => await RefusedAsync($"{Post}Content-Length: {value}\r\n\r\nhello");

    [Theory]
    [Attack("D05", "Transfer-Encoding in disguise")]
    [InlineData("Transfer-Encoding: xchunked")]
    [InlineData("Transfer-Encoding: chunkedx")]
    [InlineData("Transfer-Encoding: chunked, identity")]
    [InlineData("Transfer-Encoding: identity")]
    [InlineData("Transfer-Encoding: identity, chunked")]
    [InlineData("Transfer-Encoding: gzip, chunked")]
    [InlineData("Transfer-Encoding: chunked, chunked")]
    [InlineData("Transfer-Encoding: chunked, gzip")]
    [InlineData("Transfer-Encoding: chunked,")]
    [InlineData("Transfer-Encoding: ,chunked")]
    [InlineData("Transfer-Encoding: chunked;ext=1")]
    [InlineData("Transfer-Encoding: \"chunked\"")]
    [InlineData("Transfer-Encoding: 'chunked'")]
    [InlineData("Transfer-Encoding: \vchunked")]
    [InlineData("Transfer-Encoding: chunked\v")]
    [InlineData("Transfer-Encoding: chun\u00ffked")]
    [InlineData("Transfer-Encoding: \u00a0chunked")]
    [InlineData("Transfer-Encoding: \0chunked")]
    [InlineData("Transfer-Encoding: cow")]
    [InlineData("Transfer-Encoding:")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow")]
    [InlineData("Transfer-Encoding: cow\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding:\r\n chunked")]
    [InlineData("Transfer-Encoding: \r\n\tchunked")]
    [InlineData("Transfer-Encoding : chunked")]
    [InlineData("Transfer-Encoding\t: chunked")]
    [InlineData(" Transfer-Encoding: chunked")]
    [InlineData("X: x\n Transfer-Encoding: chunked")]
    [InlineData("X: x\nTransfer-Encoding: chunked")]
    [InlineData("X: x\rTransfer-Encoding: chunked")]
    [InlineData("Transfer\\-Encoding: chunked")]
    [InlineData("Transfer-Encoding\0: chunked")]
    [InlineData("Transfer Encoding: chunked")]
    [InlineData("\u00ffTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked\r")]
    public async Task Coding_OtherThanOneChunked_IsRefused(string lines) => await RefusedAsync($"{Post}{lines}\r\nContent-Length: 4\r\n\r\n0\r\n\r\n");

    [Theory]
    [Attack("D05", "Transfer-Encoding in disguise")]
    [InlineData("Transfer-Encoding: identity")]
    [InlineData("Transfer-Encoding: xchunked")]
    [InlineData("Transfer-Encoding: gzip")]
    [InlineData("Transfer-Encoding: chunked, gzip")]
    [InlineData("Transfer-Encoding: gzip, chunked")]
    public async Task Coding_OtherThanOneChunked_AloneIsRefused(string line) => await RefusedAsync($"{Post}{line}\r\n\r\n0\r\n\r\n");

    [Theory]
    [Attack("D05", "Transfer-Encoding in disguise")]
    [Attack("D21", "Field names that alias others")]
    [InlineData("Transfer_Encoding: chunked")]
    [InlineData("Content_Length: 60")]
    public async Task FramingNames_WithUnderscores_DoNotReachTheOrigin(string line)
    {
        await using var env = await Wire.StartAsync();
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"{Post}{line}\r\nContent-Length: 5\r\n\r\nhello{Wire.Probe}");

        Assert.Equal("POST /a [hello]", (await client.ReadAsync("POST")).Text);
        Assert.Equal("GET /probe []", (await client.ReadAsync()).Text);
        Assert.False(env.Origin.Last("/a").Has(line.Split(':')[0]));
    }

    [Theory]
    [Attack("D09", "Line ends of one character")]
    [InlineData("GET /a HTTP/1.1\nHost: gw.test\n\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\n\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\nX: a\nY: b\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\nX: a\rb\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\nX: a\r\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\rHost: gw.test\r\r")]
    [InlineData("GET /a\r HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("\nGET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("\rGET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("\r\n\r\nGET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    public async Task LineEnds_OfOneCharacter_AreRefused(string message) => await RefusedAsync(message);

    [Theory]
    [Attack("D10", "Folded lines and stray spaces")]
    [InlineData("GET /a HTTP/1.1\r\n Host: x\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\n\tHost: x\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost : gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost\t: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\nX: a\r\n b\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\nX: a\r\n \r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\nno colon here\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: gw.test\r\n: no name\r\n\r\n")]
    [InlineData(" GET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET  /a HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a  HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET\t/a HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a\tHTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1 \r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET * HTTP/1.1\r\nHost: gw.test\r\n\r\n")]
    public async Task FoldedLinesAndStraySpaces_AreRefused(string message) => await RefusedAsync(message);

    [Theory]
    [Attack("D13", "Versions that frame differently")]
    [InlineData("POST /a HTTP/1.0\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /a HTTP/1.0\r\nHost: gw.test\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /a HTTP/1.2\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/2.0\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/0.9\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a http/1.1\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.10\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a HTTP/11\r\nHost: gw.test\r\n\r\n")]
    [InlineData("GET /a\r\n\r\n")]
    public async Task OtherVersions_AreRefused(string message) => await RefusedAsync(message, 400, 505);

    [Fact]
    [Attack("D16", "Connection kept after a refusal")]
    public async Task Refusal_EndsTheConnection_AfterTheAnswersBeforeIt()
    {
        await using var env = await Wire.StartAsync();
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"GET /one HTTP/1.1\r\nHost: gw.test\r\n\r\nGET /two HTTP/1.1\r\nHost: gw.test\r\n\r\n{Post}Content-Length: 3\r\nContent-Length: 0\r\n\r\n{Wire.Smuggled}");

        Assert.Equal("GET /one []", (await client.ReadAsync()).Text);
        Assert.Equal("GET /two []", (await client.ReadAsync()).Text);
        var refused = await client.ReadAsync();
        Assert.Equal((400, "close"), (refused.Status, refused.Header("Connection")));
        await Wire.IsClosedAsync(client);
        Assert.Equal(["/one", "/two"], env.Origin.Log.Select(request => request.Path));
    }

    [Theory]
    [Attack("B09", "Names and targets that only the origin refuses")]
    [Attack("D22", "Field names that are no tokens")]
    [InlineData("Ill\\egal: x")]
    [InlineData("Ill(egal): x")]
    [InlineData("Ill egal: x")]
    [InlineData("Ill@egal: x")]
    [InlineData("Ill\u00e9gal: x")]
    [InlineData("\"quoted\": x")]
    [InlineData("Ill\u007fegal: x")]
    [InlineData("[x]: y")]
    public async Task Names_ThatAreNoTokens_AreRefused(string line) => await RefusedAsync($"GET /a HTTP/1.1\r\nHost: gw.test\r\n{line}\r\n\r\n");

    private Task RefusedAsync(string message, params int[] statuses) => gateway.RefusesAsync(message, statuses);
}
