using System.Collections.Concurrent;
using System.Text;
using CacheGateway.Tests.Framing;

namespace CacheGateway.FunctionalTests.Fuzz;

/// <summary>
/// Damaged streams of requests over real sockets, against a second reader: each answer is the one to the request in its place, the origin saw no
/// request that the strict reader does not see, others are answered as before, and nothing hangs or fails inside.
/// </summary>
public sealed class RequestFuzzTests
{
    private static readonly string[] Good =
    [
        .. Enumerable.Range(0, 30).Select(LegalStream.Of),
        "GET /a?b=c HTTP/1.1\r\nHost: gw.test\r\nX-Tongue: de, en\r\nAccept-Encoding: gzip, br;q=0.5\r\nRange: bytes=0-3\r\n\r\nGET /v/1 HTTP/1.1\r\nHost: gw.test\r\nX-Tongue: en\r\n\r\n",
        "GET /v/1 HTTP/1.1\r\nHost: GW.test:80\r\nIf-None-Match: \"a\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: max-age=0, no-cache\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 42\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\nabcGET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n",
        "GET /q?utm_a=1&x=%2F%2e%2e HTTP/1.1\r\nHost: other.test\r\nCookie: a=b; c=d\r\nAuthorization: Basic eA==\r\nX-Forwarded-Host: evil.test\r\nConnection: X-Tongue, close\r\n\r\n",
        "HEAD /v/2 HTTP/1.1\r\nHost: gw.test\r\nExpect: 100-continue\r\nVia: 1.1 x\r\nCDN-Loop: a\r\n\r\nGET /v/2 HTTP/1.1\r\nHost: gw.test\r\nCache-Control: only-if-cached\r\n\r\n",
    ];

    private static readonly string[] Words =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "\u00ff", "%00", "..", "//", "?", "#", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Host: a\r\n",
        "0\r\n\r\n", "GET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n", "HTTP/1.1", "HTTP/1.0", "Connection: close\r\n", "Connection: Upgrade\r\nUpgrade: x\r\n", "Vary: *\r\n", "FFFFFFFFF", "http://gw.test",
    ];

    private static readonly string[] Victims = ["/a?b=c", "/v/1", "/v/2", "/", "/p"];

    private readonly ConcurrentQueue<string> _seen = [];
    private int _cases;

    [Fact]
    public async Task Streams_OnASocket_AreAnsweredInPlace_AndNothingElseReachesTheOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "*", Answer);

        await Fuzzing.RunAsync("requests", Good, Words, text => HoldsAsync(env, text), cases: 1_500);
    }

    private async Task HoldsAsync(GatewayEnvironment env, string text)
    {
        var expected = StrictReader.Read(text);
        _seen.Clear();
        await using (var client = await env.ConnectAsync())
        {
            await AnswersAsync(client, text, expected);
        }

        var known = expected.Select(request => $"{request.Method} {request.OriginTarget} {request.Body}").ToHashSet(StringComparer.Ordinal);
        Assert.All(_seen, seen => Assert.Contains(seen, known));
        var victim = Victims[++_cases % Victims.Length];
        var answer = await env.GetAsync(victim, "Host: gw.test");
        Assert.Equal((200, Echo("GET", victim, "gw.test", victim.StartsWith("/v/", StringComparison.Ordinal) ? "none" : "", "")), (answer.Status, answer.Text));
    }

    private static async Task AnswersAsync(RawClient client, string text, List<StrictRequest> expected)
    {
        try
        {
            await client.SendAsync(text);
        }
        catch (IOException)
        {
            // It was refused before all of it was sent.
        }

        foreach (var request in expected)
        {
            var answer = await client.ReadAsync(request.Method);
            if (answer == RawResponse.None)
            {
                return;
            }

            Judge(request, answer, text);
            if (!answer.Complete || answer.Status >= 400)
            {
                return;
            }
        }

        // Whatever is left is no request, and is told so or left unanswered.
        Finish(client);
        var last = await client.ReadAsync();
        Assert.True(last == RawResponse.None || last.Status >= 400, $"an answer to no request: {last.StatusLine} {last.Text}");
    }

    private static void Judge(StrictRequest request, RawResponse answer, string text)
    {
        switch (answer.Status)
        {
            case 200 when request.Method != "HEAD":
                Assert.Equal(Echo(request.Method, request.OriginTarget, request.Authority, Tongue(request), request.Body), Text(answer));
                break;
            case 206:
                Assert.Contains(Text(answer), Echo(request.Method, request.OriginTarget, request.Authority, Tongue(request), request.Body), StringComparison.Ordinal);
                break;
            case 504:
                Assert.Contains("only-if-cached", text, StringComparison.OrdinalIgnoreCase);
                break;
            default:
                Assert.True(answer.Status is 200 or 204 or 304 or (>= 400 and < 500) or 501 or 505 or 508, $"{answer.StatusLine} to {request.Method} {request.Target}");
                break;
        }
    }

    private Reply Answer(OriginRequest request)
    {
        _seen.Enqueue($"{request.Method} {request.Target} {Encoding.Latin1.GetString(request.Body)}");
        // A request of HTTP/1.0 may name no host; the origin is then asked by its own address.
        var host = StrictRequest.Normal(request.Header("Host") ?? "");
        var tongue = request.Target.StartsWith("/v/", StringComparison.Ordinal) ? Plain(request.Header("X-Tongue")) : "";
        var body = Echo(request.Method, request.Target, host.StartsWith("127.0.0.1", StringComparison.Ordinal) ? "" : host, tongue, Encoding.Latin1.GetString(request.Body));
        return Reply.Bytes(Encoding.Latin1.GetBytes(body), "Cache-Control: public, max-age=60", "ETag: \"a\"", "Vary: X-Tongue");
    }

    private static string Tongue(StrictRequest request) =>
        request.OriginTarget.StartsWith("/v/", StringComparison.Ordinal) ? Plain(request.All("X-Tongue") is { Length: > 0 } lines ? string.Join(", ", lines) : null) : "";

    private static string Text(RawResponse answer) => Encoding.Latin1.GetString(answer.Body);

    /// <summary>By meaning: spaces around commas have none.</summary>
    private static string Plain(string? value) => value is null ? "none" : string.Concat(value.Where(c => c is not (' ' or '\t')));

    private static string Echo(string method, string target, string host, string tongue, string body) => $"{method} {target} {host} {tongue} [{body}]";

    private static void Finish(RawClient client)
    {
        try
        {
            client.Finish();
        }
        catch (System.Net.Sockets.SocketException)
        {
            // It is closed already.
        }
    }
}
