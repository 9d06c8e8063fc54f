namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>Which header fields cross the gateway, and which it writes itself. Every rule holds on the cached way and on the passed one.</summary>
public sealed class ForwardedHeaderTests
{
    private const string Cacheable = "GET";
    private const string Passed = "POST";

    [Theory]
    [InlineData(Cacheable)]
    [InlineData(Passed)]
    public async Task Host_OfClient_ReachesOriginUnchanged(string method)
    {
        await using var env = await StartAsync();

        await env.SendAsync(method, "/h", null, "Host: Shop.Example:8443");

        // Case means nothing in a host name, and one entry for all spellings must come from one request.
        Assert.Equal("Shop.Example:8443", env.Origin.Last("/h").Header("Host"), ignoreCase: method == Cacheable);
    }

    [Theory]
    [InlineData(Cacheable, "shop.example")]
    [InlineData(Passed, "shop.example")]
    [InlineData(Cacheable, "internal.example")]
    [InlineData(Passed, "internal.example")]
    public async Task OriginHost_WhenSet_ReplacesClientsHost(string method, string host)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { OriginHost = "internal.example" },
        });
        env.Origin.On(null, "/*", _ => Reply.Ok("ok", "Cache-Control: max-age=60"));

        await env.SendAsync(method, "/h", null, $"Host: {host}");

        Assert.Equal("internal.example", env.Origin.Last("/h").Header("Host"));
        Assert.Equal(host, env.Origin.Last("/h").Header("X-Forwarded-Host"));
    }

    /// <summary>An address that stands for all is there for both families, and a client of either is called by its own.</summary>
    [Theory]
    [InlineData("http://*:0", "127.0.0.1", "127.0.0.1")]
    [InlineData("http://*:0", "[::1]", "::1")]
    [InlineData("http://+:0", "[::1]", "::1")]
    [InlineData("http://[::]:0", "127.0.0.1", "127.0.0.1")]
    [InlineData("http://0.0.0.0:0", "127.0.0.1", "127.0.0.1")]
    public async Task Wildcard_IsBothFamilies_AndClientsKeepTheirAddress(string listener, string host, string client)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { Urls = [listener] } });
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));

        await using var connection = await RawClient.ConnectAsync(new Uri($"http://{host}:{env.Address.Port}"));

        Assert.Equal(200, (await connection.GetAsync("/x")).Status);
        Assert.Equal(client, env.Origin.Last("/x").Header("X-Forwarded-For"));
    }

    // Beside "close" the server shows the application nothing else of Connection, so what else it names cannot be known here.
    [Theory]
    [Attack("D11", "Connection that names what frames the message")]
    [Covers("RFC 9110 7.6.1", "Connection and the fields it names are not forwarded in requests")]
    [InlineData(Cacheable, "X-Secret-Hop")]
    [InlineData(Passed, "X-Secret-Hop")]
    [InlineData(Cacheable, "foo, X-Secret-Hop")]
    [InlineData(Passed, "foo, X-Secret-Hop")]
    [InlineData(Cacheable, "keep-alive, X-Secret-Hop")]
    [InlineData(Passed, "keep-alive, X-Secret-Hop")]
    public async Task HopByHopFields_OfRequest_AreDropped(string method, string nominated)
    {
        await using var env = await StartAsync();

        await env.SendAsync(
            method,
            "/h",
            null,
            $"Connection: {nominated}",
            "X-Secret-Hop: 1",
            "Keep-Alive: timeout=5",
            "Proxy-Connection: keep-alive",
            "Proxy-Authorization: Basic eA==",
            "TE: trailers, deflate",
            "Upgrade: h2c",
            "X-End-To-End: kept");

        var seen = env.Origin.Last("/h");
        foreach (var name in (string[])["X-Secret-Hop", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Upgrade"])
        {
            Assert.False(seen.Has(name), $"{name} reached the origin");
        }

        Assert.DoesNotContain("deflate", seen.Header("TE") ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("X-Secret-Hop", seen.Header("Connection") ?? "", StringComparison.OrdinalIgnoreCase);
        Assert.Equal("kept", seen.Header("X-End-To-End"));
    }

    [Theory]
    [Covers("RFC 9110 7.6.1", "Connection and the fields it names are not forwarded in responses")]
    [InlineData(Cacheable)]
    [InlineData(Passed)]
    public async Task HopByHopFields_OfResponse_AreDropped(string method)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/h", _ => Reply.Ok(
            "ok",
            "Cache-Control: max-age=60",
            "Connection: X-Origin-Hop",
            "X-Origin-Hop: 1",
            "Keep-Alive: timeout=7",
            "Proxy-Connection: keep-alive",
            "Proxy-Authenticate: Basic",
            "X-End-To-End: kept"));

        var first = await env.SendAsync(method, "/h");
        var second = await env.SendAsync(method, "/h");

        foreach (var response in (RawResponse[])[first, second])
        {
            foreach (var name in (string[])["X-Origin-Hop", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate"])
            {
                Assert.False(response.Has(name), $"{name} reached the client");
            }

            Assert.Equal("kept", response.Header("X-End-To-End"));
        }

        Assert.Equal(method == Cacheable ? 1 : 2, env.Origin.Requests("/h"));
    }

    [Theory]
    [InlineData(Cacheable)]
    [InlineData(Passed)]
    public async Task ForwardedFields_OfClient_AreReplacedByTheTruth(string method)
    {
        await using var env = await StartAsync();

        await env.SendAsync(
            method,
            "/h",
            null,
            "Host: shop.example",
            "X-Forwarded-For: 6.6.6.6",
            "X-Forwarded-Host: evil.test",
            "X-Forwarded-Proto: gopher");

        var seen = env.Origin.Last("/h");
        Assert.Equal("127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal("shop.example", seen.Header("X-Forwarded-Host"));
        Assert.Equal("http", seen.Header("X-Forwarded-Proto"));
    }

    [Theory]
    [InlineData("X-Original-URL: /admin")]
    [InlineData("X-Rewrite-URL: /admin")]
    [InlineData("X-HTTP-Method-Override: DELETE")]
    [InlineData("X-HTTP-Method: DELETE")]
    [InlineData("X-Method-Override: DELETE")]
    [InlineData("X-Host: evil.test")]
    [InlineData("X-Original-Host: evil.test")]
    [InlineData("X-Forwarded-Scheme: nothttps")]
    [InlineData("X-Forwarded-SSL: on")]
    [InlineData("X-Forwarded-Prefix: /evil")]
    [InlineData("X-Forwarded-Port: 666")]
    [InlineData("X-Forwarded-Server: evil.test")]
    [InlineData("X-Real-IP: 6.6.6.6")]
    [InlineData("Forwarded: for=6.6.6.6;host=evil.test")]
    [InlineData("x-middleware-subrequest: 1")]
    public async Task TrustedLookingField_OfClient_DoesNotReachOriginOnCachedRoute(string line)
    {
        await using var env = await StartAsync();

        await env.GetAsync("/h", line);

        Assert.False(env.Origin.Last("/h").Has(line.Split(':')[0]));
    }

    /// <summary>What never touches the cache goes by the rules of its route all the same.</summary>
    [Theory]
    [Attack("A13", "GET with a chunked body, methods in fields")]
    [InlineData("/p", "", "Accept: text/event-stream")]
    [InlineData("/p", "content")]
    [InlineData("/./p", "")]
    public async Task ReadThatPasses_GoesByTheRulesOfItsRoute(string target, string body, params string[] lines)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "dropRequestHeaders": ["X-Drop"] } } }""");
        env.Origin.Get("*", Reply.Ok("x", "Cache-Tag: a", "Surrogate-Key: b"));

        var answer = await env.SendAsync("GET", target, body.Length == 0 ? null : body, ["X-HTTP-Method-Override: DELETE", "X-Original-URL: /admin", "X-Drop: 1", "X-Other: 1", .. lines]);

        var seen = Assert.Single(env.Origin.Log);
        Assert.Equal((false, false, false, true), (seen.Has("X-HTTP-Method-Override"), seen.Has("X-Original-URL"), seen.Has("X-Drop"), seen.Has("X-Other")));
        Assert.Equal((200, false, false), (answer.Status, answer.Has("Cache-Tag"), answer.Has("Surrogate-Key")));
    }

    /// <summary>Such an origin knows a connection by who proved himself on it: whoever has it next would be answered in his name (RFC 4559 6).</summary>
    [Theory]
    [InlineData("GET", "Authorization: NTLM TlRMTVNTUAAB", true)]
    [InlineData("GET", "Authorization: Negotiate YIIB", true)]
    [InlineData("POST", "Authorization: Basic x\r\nAuthorization: negotiate YIIB", true)]
    [InlineData("GET", "Authorization: Bearer x", false)]
    public async Task CredentialsOfAConnection_ShareItWithNobody(string method, string lines, bool isAlone)
    {
        await using var env = await StartAsync();

        await env.SendAsync(method, "/h", null, lines.Split("\r\n"));

        Assert.Equal(isAlone, env.Origin.Last("/h").Header("Connection") == "close");
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Forwarded-Host")]
    public async Task FieldThatThePolicyDrops_IsNotWrittenByTheGatewayEither(string field)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { "p": { "match": { "path": "/p" }, "ttl": "1m", "dropRequestHeaders": ["{{field}}"] } } }""");
        env.Origin.Get("/p", Reply.Ok("x"));

        Assert.Equal(200, (await env.GetAsync("/p")).Status);

        Assert.False(env.Origin.Last("/p").Has(field));
    }

    /// <summary>Without content nothing is expected (RFC 9110 10.1.1), and the client library would send what expects something twice.</summary>
    [Fact]
    public async Task WriteWithoutContent_ExpectsNothing()
    {
        await using var env = await StartAsync();
        await using var client = await env.ConnectAsync();
        await client.SendAsync("POST /h HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal(200, (await client.ReadAsync("POST")).Status);
        Assert.False(env.Origin.Last("/h").Has("Expect"));
    }

    [Theory]
    [InlineData("POST", "SPDY/3.1")]
    [InlineData("GET", "websocket")]
    public async Task Upgrade_KeepsItsMethod(string method, string protocol)
    {
        await using var env = await StartAsync();
        await using var client = await env.ConnectAsync();
        await client.SendAsync($"{method} /h HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{(method == "POST" ? "Content-Length: 0\r\n" : "")}\r\n");

        await client.ReadAsync(method);
        Assert.Equal(method, env.Origin.Last("/h").Method);
    }

    [Fact]
    public async Task OtherFields_OfClient_ReachOriginAsSent()
    {
        await using var env = await StartAsync();

        await env.GetAsync("/h", "Accept-Language: de;q=0.5, en", "User-Agent: test/1", "X-One: a", "X-One: b", "Accept: */*");

        var seen = env.Origin.Last("/h");
        Assert.Equal("de;q=0.5, en", seen.Header("Accept-Language"));
        Assert.Equal("test/1", seen.Header("User-Agent"));
        Assert.Equal("a, b", seen.Header("X-One"));
    }

    [Fact]
    public async Task Fetch_OfPlainRequest_AddsNothingThatTheClientDidNotSend()
    {
        await using var env = await StartAsync();

        await env.GetAsync("/h");

        string[] expected = ["Host", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via", "CDN-Loop", "traceparent", "tracestate"];
        Assert.All(
            env.Origin.Last("/h").HeaderLines,
            line => Assert.Contains(line.Split(':')[0], expected, StringComparer.OrdinalIgnoreCase));
    }

    private static async Task<GatewayEnvironment> StartAsync()
    {
        var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/*", _ => Reply.Ok("ok", "Cache-Control: max-age=60"));
        return env;
    }
}
