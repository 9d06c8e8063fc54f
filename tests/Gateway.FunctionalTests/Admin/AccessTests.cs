namespace CacheGateway.FunctionalTests.Admin;

/// <summary>Who gets through to the admin listener, and who does not.</summary>
public sealed class AccessTests
{
    private const string Token = "0123456789abcdef-correct";
    private const string Health = "/api/v2/cache/metrics";
    private const string Invalidate = "/api/v2/cache/invalidate";
    private const string All = """{"all":true}""";
    private const string Json = "Content-Type: application/json";

    private static readonly EnvironmentOptions WithToken = new() { Settings = settings => settings with { AdminToken = Token } };

    [Theory]
    [Attack("F02", "The admin address without a right to it")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", Health)]
    [InlineData("GET", "/api/v2/cache/entries")]
    [InlineData("POST", Invalidate)]
    [InlineData("GET", "/nothing")]
    public async Task Request_WithoutTheToken_IsRefused(string method, string path)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);

        var response = await AdminAsync(env, method, path, method == "POST" ? All : null, Json);

        Assert.Equal(401, response.Status);
        Assert.StartsWith("Bearer", response.Header("WWW-Authenticate"));
        Assert.StartsWith("application/problem+json", response.Header("Content-Type"));
    }

    [Theory]
    [Attack("F02", "The admin address without a right to it")]
    [InlineData("Authorization: Bearer 0123456789abcdef-wrong")]
    [InlineData("Authorization: Basic 0123456789abcdef-correct")]
    [InlineData("Authorization: Bearer ")]
    [InlineData("Cookie: cachegateway-admin-PORT=99999999999.AAAA")]
    [InlineData("Cookie: cachegateway-admin-PORT=99999999999.AAAA.AAAA; cachegateway-admin=99999999999.AAAA.AAAA")]
    public async Task Request_WithAnythingButTheToken_IsRefused(string line)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);

        Assert.Equal(401, (await AdminAsync(env, "GET", Health, null, line.Replace("PORT", $"{env.Addresses[^1].Port}", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task Request_WithTheToken_IsAnswered()
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);

        Assert.Equal(200, (await AdminAsync(env, "GET", Health, null, $"Authorization: Bearer {Token}")).Status);
        Assert.Equal(200, (await AdminAsync(env, "POST", Invalidate, All, $"Authorization: Bearer {Token}", Json)).Status);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Probe_NeedsNoTokenAndNoHost(string path)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);

        Assert.Equal(200, (await AdminAsync(env, "GET", path, null, "Host: 10.1.2.3.example")).Status);
    }

    /// <summary>Whoever owns a name can make it lead here, and read with a page of that name what a browser inside the wall gets.</summary>
    [Theory]
    [Attack("F02", "The admin address without a right to it")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Probe_UnderAnotherHost_TellsNoWarningInWords(string path)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MinimumRuntime = new Version(99, 0, 0) } });

        Assert.Contains("known security holes", (await AdminAsync(env, "GET", path, null)).Text, StringComparison.Ordinal);
        Assert.Matches("^ok\nwarning: [1-9]; GET /api/v2/cache/health says which", (await AdminAsync(env, "GET", path, null, "Host: evil.test")).Text);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData(Health)]
    [InlineData("/api/v2/cache/entries?size=1")]
    public async Task Head_IsAnsweredAsGetIs_WithoutContent(string path)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        using var client = new HttpClient { BaseAddress = env.Addresses[^1] };
        using var request = new HttpRequestMessage(HttpMethod.Head, path);

        using var answer = await client.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>It needs nothing to say what; what tells another site's page from the operator is not the content.</summary>
    [Theory]
    [InlineData(404)]
    [InlineData(403, "Origin: https://evil.test")]
    [InlineData(403, "Origin: null")]
    [InlineData(403, "Sec-Fetch-Site: cross-site")]
    [InlineData(415, "Content-Type: application/x-www-form-urlencoded")]
    public async Task Cancel_WithoutContent_IsTaken_ButOfNoOtherSite(int status, params string[] lines)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        Assert.Equal(status, (await AdminAsync(env, "POST", "/api/v2/cache/warm-cache/nobody/cancel", null, lines)).Status);
        Assert.Equal(415, (await AdminAsync(env, "POST", Invalidate, null)).Status);
    }

    [Theory]
    [Attack("F02", "The admin address without a right to it")]
    [InlineData("Host: evil.test")]
    [InlineData("Host: localhost.evil.test")]
    [InlineData("Host: 127.0.0.1.evil.test:8081")]
    public async Task Request_UnderAnotherHost_IsRefused(string host)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        Assert.Equal(421, (await AdminAsync(env, "GET", Health, null, host)).Status);
        Assert.Equal(421, (await AdminAsync(env, "POST", Invalidate, All, host, Json)).Status);
    }

    [Theory]
    [InlineData("Host: localhost:8081")]
    [InlineData("Host: [::1]:8081")]
    [InlineData("Host: gateway.internal")]
    [InlineData("Host: other.internal:8443")]
    [InlineData("Host: ops.internal")]
    [InlineData("Host: ops.internal:80")]
    [InlineData("Host: gateway.internal.")]
    public async Task Request_UnderAnOwnHost_IsAnswered(string host)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { AdminHosts = ["gateway.internal", "other.internal:8443", "ops.internal:80"] } });

        Assert.Equal(200, (await AdminAsync(env, "GET", Health, null, host)).Status);
    }

    [Theory]
    [Attack("F02", "The admin address without a right to it")]
    [InlineData("Origin: https://evil.test")]
    [InlineData("Origin: null")]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site")]
    public async Task Request_OfAnotherSite_IsRefused_AndNothingIsInvalidated(string line)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await env.GetAsync("/x");

        Assert.Equal(403, (await AdminAsync(env, "POST", Invalidate, All, line, Json)).Status);
        Assert.Equal(403, (await AdminAsync(env, "GET", Health, null, line)).Status);

        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    /// <summary>A link in a chat, a wiki or another tool leads to the page it names; nothing else that another site can cause is answered.</summary>
    [Theory]
    [InlineData(200, "GET", "/", "navigate", "document")]
    [InlineData(200, "GET", "/explain", "navigate", "document")]
    [InlineData(403, "GET", "/", "navigate", "iframe")]
    [InlineData(403, "GET", "/", "no-cors", "image")]
    [InlineData(403, "GET", "/", "cors", "empty")]
    [InlineData(403, "GET", Health, "navigate", "document")]
    [InlineData(403, "POST", "/purge", "navigate", "document")]
    public async Task LinkOfAnotherSite_LeadsToAPage(int status, string method, string path, string mode, string destination)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        Assert.Equal(status, (await AdminAsync(env, method, path, null, "Sec-Fetch-Site: cross-site", $"Sec-Fetch-Mode: {mode}", $"Sec-Fetch-Dest: {destination}")).Status);
    }

    /// <summary>Where TLS ends before the listener, the page's own address is another than the connection's; no page can write Sec-Fetch-Site.</summary>
    [Theory]
    [InlineData(200, "Origin: https://localhost", "Sec-Fetch-Site: same-origin")]
    [InlineData(403, "Origin: https://localhost")]
    [InlineData(403, "Origin: https://localhost", "Sec-Fetch-Site: none")]
    [InlineData(403, "Origin: https://localhost", "Sec-Fetch-Site: same-origin, cross-site")]
    public async Task PageBehindAProxyThatEndsTls_IsNoOtherSite(int status, params string[] lines)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        Assert.Equal(status, (await AdminAsync(env, "POST", Invalidate, All, ["Host: localhost", Json, .. lines])).Status);
    }

    [Theory]
    [Attack("F02", "The admin address without a right to it")]
    [InlineData("Content-Type: text/plain")]
    [InlineData("Content-Type: application/x-www-form-urlencoded")]
    [InlineData("Content-Type: multipart/form-data; boundary=x")]
    [InlineData("X-Nothing: 1")]
    public async Task Change_ThatIsNotJson_IsRefused(string line)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        Assert.Equal(415, (await AdminAsync(env, "POST", Invalidate, All, line)).Status);
    }

    [Fact]
    [Attack("F02", "The admin address without a right to it")]
    public async Task Answers_AllowNoOtherSite()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var response = await AdminAsync(env, "OPTIONS", Invalidate, null, "Origin: https://evil.test", "Access-Control-Request-Method: POST");

        Assert.Equal(403, response.Status);
        Assert.DoesNotContain(response.HeaderLines, line => line.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    [Attack("F02", "The admin address without a right to it")]
    public async Task Get_ChangesNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await env.GetAsync("/x");

        var response = await AdminAsync(env, "GET", Invalidate + "?all=true", null);

        Assert.Equal(405, response.Status);
        Assert.Contains("POST", response.Header("Allow"));
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    [Fact]
    [Attack("F01", "Purging through the public address")]
    public async Task PublicListener_KnowsNothingOfTheAdminPaths()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/api/v2/cache/metrics", Reply.Ok("the origin's own"));
        env.Origin.On("POST", "/api/v2/cache/invalidate", _ => Reply.Ok("posted to the origin"));

        Assert.Equal("the origin's own", (await env.GetAsync("/api/v2/cache/metrics")).Text);
        Assert.Equal("posted to the origin", (await env.SendAsync("POST", "/api/v2/cache/invalidate", All, Json)).Text);
        Assert.Equal(404, (await AdminAsync(env, "GET", "/x", null)).Status);
    }

    [Fact]
    [Attack("F15", "Orders without end")]
    public async Task Body_BeyondTheLimit_IsRefused()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var response = await AdminAsync(env, "POST", Invalidate, $$"""{"reason":"{{new string('x', 1100 * 1024)}}"}""", Json);

        Assert.Equal(413, response.Status);
    }

    private static async Task<RawResponse> AdminAsync(GatewayEnvironment env, string method, string target, string? body, params string[] headerLines)
    {
        await using var client = await RawClient.ConnectAsync(env.Addresses[^1]);
        await client.SendAsync(method, target, headerLines, body);
        return await client.ReadAsync(method);
    }
}
