using CacheGateway.Hosting;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>Limits on what clients may do, at the wire.</summary>
public sealed class LimitSettingsTests
{
    [Fact]
    public async Task HeadersOverTheLimit_Are431_AndBodiesOverTheirs413()
    {
        await using var env = await StartAsync(settings => settings with { MaxHeaderBytes = 8 * 1024, MaxBodyBytes = 1000 });
        env.Origin.On("POST", "/x", _ => Reply.Ok("taken"));

        Assert.Equal(431, (await env.GetAsync("/x", $"X-Big: {new string('x', 9000)}")).Status);
        Assert.Equal("taken", (await env.SendAsync("POST", "/x", new string('x', 1000))).Text);
        Assert.Equal(413, (await env.SendAsync("POST", "/x", new string('x', 1001))).Status);
    }

    [Fact]
    public async Task RequestLine_MayBeAsLongAsTheHeaders()
    {
        await using var env = await StartAsync(settings => settings);
        env.Origin.On("GET", "/x", _ => Reply.Ok("long"));

        Assert.Equal("long", (await env.GetAsync($"/x?q={new string('x', 20_000)}")).Text);
        Assert.Equal(414, (await env.GetAsync($"/x?q={new string('x', 33_000)}")).Status);
    }

    /// <summary>One line may be all of it.</summary>
    [Theory]
    [InlineData(128, 70_000)]
    [InlineData(1024, 900_000)]
    public async Task HeadersBelowALargerLimit_AreTaken(int limit, int length)
    {
        await using var env = await StartAsync(settings => settings with { MaxHeaderBytes = limit * 1024 });
        env.Origin.On(null, "/x", request => Reply.Ok($"{request.Method} {request.Header("X-Big")?.Length} {request.BodyText}"));

        Assert.Equal((200, $"GET {length} "), await AskAsync("GET", null));
        Assert.Equal((200, $"POST {length} hello"), await AskAsync("POST", "hello"));
        Assert.Equal(431, (await env.GetAsync("/x", $"X-Big: {new string('x', limit * 1024)}")).Status);

        async Task<(int Status, string Text)> AskAsync(string method, string? body)
        {
            var answer = await env.SendAsync(method, "/x", body, $"X-Big: {new string('x', length)}");
            return (answer.Status, answer.Text);
        }
    }

    [Fact]
    public async Task ConnectionsOverTheLimit_AreClosed_AndTheAdminListenerIsStillThere()
    {
        await using var env = await StartAsync(settings => settings with { MaxConnections = 2 });
        env.Origin.Get("/x", Reply.Ok("x"));
        await using var first = await env.ConnectAsync();
        await using var second = await env.ConnectAsync();
        Assert.Equal("x", (await first.GetAsync("/x")).Text);
        Assert.Equal("x", (await second.GetAsync("/x")).Text);

        Assert.Equal(0, await StatusAsync());

        Assert.Equal((2, 1), (await env.MetricAsync("cachegateway_connections"), await env.MetricAsync("cachegateway_connections_refused")));
        Assert.Equal("x", (await first.GetAsync("/x")).Text);
        await second.DisposeAsync();
        await env.UntilMetric("cachegateway_connections", open => open == 1);
        Assert.Equal("x", (await env.GetAsync("/x")).Text);

        async Task<int> StatusAsync()
        {
            try
            {
                return (await env.GetAsync("/x")).Status;
            }
            catch (Exception closed) when (closed is System.Net.Sockets.SocketException or IOException { InnerException: System.Net.Sockets.SocketException })
            {
                // It was closed before its client knew that it was there, or while it wrote.
                return 0;
            }
        }
    }

    [Theory]
    [InlineData("OriginRequests", "0", "--origin-requests")]
    [InlineData("MaxConnections", "many", "--max-connections")]
    [InlineData("MaxHeaders", "-1", "--max-headers")]
    [InlineData("MaxHeaders", "10", "--max-headers: \"10\" is out of range; it is from 1KB to 1MB")]
    [InlineData("MaxHeaders", "4MB", "--max-headers: \"4MB\" is out of range; it is from 1KB to 1MB")]
    [InlineData("TargetedFields", "CDN-Cache-Control,a b,,x:y", "--targeted-fields: \"a b\" is not the name of a field")]
    [InlineData("AdminUrls", "http://127.0.0.1:8081;http://127.0.0.1:8080", "--admin-urls: http://127.0.0.1:8080 is one of --urls, too; give it another port")]
    [InlineData("Drain", "2d", "--drain")]
    [InlineData("OriginHost", "a b", "--origin-host")]
    [InlineData("AdminHosts", "a/b", "--admin-hosts")]
    [InlineData("DefaultTtl", "0", "CACHE_DEFAULT_TTL: \"0\" is not a time; write it like 300 (seconds)")]
    [InlineData("OriginIdleTimeout", "0s", "--origin-idle-timeout")]
    public void Setting_ThatCannotWork_IsNamed(string key, string value, string option)
    {
        var error = Assert.Throws<SettingsException>(() => SettingsReader.Read(new Dictionary<string, string> { ["Origin"] = "http://127.0.0.1:1", [key] = value }));

        Assert.StartsWith(option, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("512", "--memory: \"512\" is 512 bytes, in which memory holds next to nothing; did you mean 512MB?")]
    [InlineData("4KB", "--memory: \"4KB\" is 4096 bytes, in which memory holds next to nothing")]
    [InlineData("1MB", null)]
    public void Memory_ThatHoldsNothing_IsWarnedAbout(string value, string? warning)
    {
        var settings = SettingsReader.Read(new Dictionary<string, string> { ["Origin"] = "http://127.0.0.1:1", ["Memory"] = value });

        Assert.Equal(warning, settings.Warnings.SingleOrDefault(line => line.StartsWith("--memory", StringComparison.Ordinal)));
    }

    /// <summary>Nothing is recorded without warming.</summary>
    [Theory]
    [InlineData("false", "--warming-file: it has no effect without --warming true, which records what is popular and fetches it at the next start")]
    [InlineData("true", null)]
    public void WarmingFile_WithoutWarming_IsWarnedAbout(string warming, string? warning)
    {
        var settings = SettingsReader.Read(new Dictionary<string, string> { ["Origin"] = "http://127.0.0.1:1", ["WarmingFile"] = "popular.json", ["Warming"] = warming });

        Assert.Equal(warning, settings.Warnings.SingleOrDefault());
    }

    private static Task<GatewayEnvironment> StartAsync(Func<GatewaySettings, GatewaySettings> settings) =>
        GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings });
}
