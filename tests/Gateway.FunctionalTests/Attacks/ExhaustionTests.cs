using System.Globalization;
using System.Net;
using System.Text;
using CacheGateway.FunctionalTests.PassThrough;
using CacheGateway.FunctionalTests.Promises;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group E: what costs the attacker little must not cost the gateway, the origin or other clients much.</summary>
public sealed partial class ExhaustionTests
{
    [Fact]
    [Attack("E01", "Heads that drip in")]
    public async Task DrippingHeads_AreCutOff_AndOthersAreServed()
    {
        await using var env = await Wire.StartAsync(With(limits => limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1)));
        var dripping = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => env.ConnectAsync()));
        foreach (var client in dripping)
        {
            await client.SendAsync("GET /drip HTTP/1.1\r\nHost: gw.te");
        }

        await Wire.LivesAsync(env);
        foreach (var client in dripping)
        {
            Assert.Contains((await client.ReadAsync()).Status, new[] { 408, 0 });
            await client.DisposeAsync();
        }

        Assert.Equal(0, env.Origin.Requests("/drip"));
    }

    [Fact]
    [Attack("E02", "Bodies that drip in, readers that drip out")]
    public async Task DrippingBody_IsCutOff()
    {
        await using var env = await Wire.StartAsync(With(limits => limits.MinRequestBodyDataRate = new MinDataRate(1000, TimeSpan.FromSeconds(1.1))));
        await using var client = await env.ConnectAsync();

        await client.SendAsync("POST /slow HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 1000000\r\n\r\nx");

        Assert.Contains((await client.ReadAsync("POST")).Status, new[] { 408, 0 });
        await Wire.LivesAsync(env);
    }

    /// <summary>Over HTTP/2 it would be the connection that is cut off, with everybody's requests on it. One that drips over HTTP/1.1 tells when that would have been.</summary>
    [Fact]
    [Attack("E02", "Bodies that drip in, readers that drip out")]
    public async Task DrippingBody_OverHttp2_IsWaitedFor()
    {
        var options = With(limits => limits.MinRequestBodyDataRate = new MinDataRate(1000, TimeSpan.FromSeconds(1.1)));
        await using var env = await Wire.StartAsync(options with { Settings = settings => settings with { H2cUrls = ["http://127.0.0.1:0"] } });
        using var http = new HttpClient();
        using var content = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(env.Addresses[1], "/slow"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var answering = http.SendAsync(request);
        await using var upload = await content.OpenedAsync();
        await upload.WriteAsync("a"u8.ToArray());
        await upload.FlushAsync();
        for (var i = 0; i < 2; i++)
        {
            await using var other = await env.ConnectAsync();
            await other.SendAsync("POST /other HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 1000000\r\n\r\nx");
            Assert.Contains((await other.ReadAsync("POST")).Status, new[] { 408, 0 });
        }

        await upload.WriteAsync("b"u8.ToArray());
        content.Complete();

        using var response = await Deadline.Within(answering, "the answer to a body that dripped");
        Assert.Equal("POST /slow [ab]", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [Attack("E05", "Bodies without end")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EndlessBody_PassesByWithoutBeingKept(bool declared)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 16 * 1024 * 1024 } });
        var sent = 0L;
        env.Origin.On("GET", "/endless", async exchange =>
        {
            await exchange.SendAsync($"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n{(declared ? "Content-Length: 99999999999" : "Transfer-Encoding: chunked")}\r\n\r\n");
            var piece = new byte[64 * 1024];
            while (true)
            {
                await exchange.SendAsync(declared ? piece : [.. Encoding.ASCII.GetBytes("10000\r\n"), .. piece, .. "\r\n"u8]);
                Interlocked.Add(ref sent, piece.Length);
            }
        });
        await using var client = await env.ConnectAsync();

        await client.SendAsync("GET", "/endless", []);
        await client.ReadHeadAsync();
        for (var read = 0L; read < 64 * 1024 * 1024;)
        {
            read += (await Deadline.Within(client.Reader.ReadSomeAsync(32 * 1024), "the endless body")).Length;
        }

        Assert.Equal(0, await env.MetricAsync("cachegateway_stored_total"));
        Assert.InRange(await env.MetricAsync("cachegateway_memory_bytes"), 0, 16 * 1024 * 1024);
        client.Abort();
    }

    [Fact]
    [Attack("E05", "Bodies without end")]
    public async Task RequestBody_OfImpossibleLength_IsStreamedAndEndsWithItsClient()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gone = new Gate();
        env.Origin.On("POST", "/x", async exchange =>
        {
            await exchange.Reader.CopyToEndAsync(Stream.Null, exchange.Stopping);
            gone.Open();
        });
        await using var client = await env.ConnectAsync();

        await client.SendAsync("POST /x HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 9223372036854775807\r\n\r\nhello");
        await env.Origin.Reached("/x");
        client.Abort();

        await gone.WaitAsync("the end of the origin's connection");
    }

    [Theory]
    [Attack("E06", "Bodies that inflate")]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task CodedBody_IsNeverInflated(string coding)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "b": { "match": { "path": "/b" }, "ttl": "60s", "tags": ["$.items[*].id -> p:{}"], "compress": true } } }""");
        var bomb = new byte[512];
        new Random(7).NextBytes(bomb);
        env.Origin.Get("/b", Reply.Bytes(bomb, $"Content-Encoding: {coding}", "Content-Type: application/json"));

        var answer = await env.GetAsync("/b", $"Accept-Encoding: {coding}");

        Assert.Equal(bomb, answer.Body);
        Assert.Equal(coding, answer.Header("Content-Encoding"));
    }

    [Fact]
    [Attack("E14", "Floods of pipelined requests")]
    public async Task TenThousandPipelinedRequests_AreAnsweredInOrder()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/p", request => Reply.Ok(request.Target, Numbered.Fresh));
        for (var i = 0; i < 10; i++)
        {
            await env.GetAsync($"/p?{i}", "Host: gw.test");
        }

        await using var client = await env.ConnectAsync();
        var sending = client.SendAsync(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"GET /p?{i % 10} HTTP/1.1\r\nHost: gw.test\r\n\r\n")));
        for (var i = 0; i < 10_000; i++)
        {
            Assert.Equal($"/p?{i % 10}", (await client.ReadAsync()).Text);
        }

        await sending;
        Assert.Equal(10, env.Origin.Log.Count);
    }

    [Fact]
    [Attack("E16", "A destination that leads back")]
    public async Task Destination_ThatLeadsBack_IsNoticedAtOnce()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("GET", "/loop", async exchange =>
        {
            var again = await env.GetAsync("/loop", [.. exchange.Request.HeaderLines]);
            await exchange.SendAsync(Reply.Of(again.Status, again.Text));
        });

        Assert.Equal(508, (await env.GetAsync("/loop", "Host: gw.test")).Status);
        Assert.Equal(1, env.Origin.Requests("/loop"));
    }

    [Fact]
    [Attack("E17", "Names without end in metrics")]
    public async Task Metrics_DoNotGrowWithPathsMethodsOrHosts()
    {
        // A process of its own: the framework's instruments count for all gateways of a process.
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.On(null, "/*", request => Reply.Ok(request.Target, "Cache-Control: max-age=60"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);
        // The framework's instruments are listened to from the first reading on, and each shows its few labels when it first counts.
        _ = await gateway.MetricsAsync();
        for (var i = 0; i < 50; i++)
        {
            await VisitAsync(gateway, i);
        }

        // A reading is itself a request, counted after it was shown.
        _ = await gateway.MetricsAsync();
        var before = Series(await gateway.MetricsAsync());
        for (var i = 50; i < 350; i++)
        {
            await VisitAsync(gateway, i);
        }

        var text = await gateway.MetricsAsync();
        var fresh = Series(text).Except(before).ToArray();
        Assert.True(fresh.Length <= 5, string.Join('\n', fresh));
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.True(origin.Log.Count >= 350, $"the origin was asked {origin.Log.Count} times");
    }

    [Fact]
    [Attack("E18", "Faults without end in metrics")]
    public async Task RefusedMessages_AreCountedByKindAlone()
    {
        await using var env = await Wire.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync($"GET /secret{i} HTTP/1.1\nHost: gw.test\n\n");
            await client.ReadAsync();
        }

        var text = await env.AdminTextAsync("/metrics");
        Assert.True(text.Contains("cachegateway_refused_total{fault=\"LineEnd\"} 50", StringComparison.Ordinal), text);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("E19", "Variants without end")]
    public async Task Variants_OfOneUrl_AreLimited()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/v", Numbered.Fresh, "Vary: X");
        for (var i = 0; i < 500; i++)
        {
            await env.GetAsync("/v", "Host: gw.test", string.Create(CultureInfo.InvariantCulture, $"X: {i}"));
        }

        Assert.InRange(await env.MetricAsync("cachegateway_memory_bytes"), 1, 500_000);
    }

    private static async Task VisitAsync(GatewayProcess gateway, int i)
    {
        await using (var get = await gateway.ConnectAsync())
        {
            await get.GetAsync($"/secret{i}?note=secret{i}", $"Host: secret{i}.test", $"X-{i}: secret");
        }

        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"METHOD{i} /secret{i} HTTP/1.1\r\nHost: gw.test\r\n\r\n");
        await client.ReadAsync();
    }

    /// <summary>What has a name and labels of its own; the steps of a histogram are one.</summary>
    private static HashSet<string> Series(string text) =>
        text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => Step().Replace(line[..line.LastIndexOf(' ')], "")).ToHashSet(StringComparer.Ordinal);

    [System.Text.RegularExpressions.GeneratedRegex("_sum|_count|_bucket|,?le=\"[^\"]*\"")]
    private static partial System.Text.RegularExpressions.Regex Step();

    private static EnvironmentOptions With(Action<KestrelServerLimits> limits) =>
        new() { Configure = builder => builder.WebHost.ConfigureKestrel(kestrel => limits(kestrel.Limits)) };
}
